/**
 * One request for a JSON object: what came back, or why nothing did.
 *
 * @module
 */

import { type JsonObject, parseObject } from "../base/json_object.ts";
import { isLoopback } from "../base/loopback_host.ts";
import { printable } from "../base/printable.ts";
import type { Sys } from "./sys.ts";

/** An answer, whatever it holds. */
export interface JsonAnswer {
  kind: "answer";
  status: number;
  /** Where a redirect leads: it is not followed. */
  location?: string;
  /** The object in the body; absent when that is something else. */
  body?: JsonObject;
  /** The beginning of the body, fit to be shown. */
  shown: string;
}

/** A request that got no answer. */
export interface NoAnswer {
  kind: "none";
  /** Why, without the URL. */
  reason: string;
  cause: unknown;
}

/**
 * Sends a request and reads the whole answer. Never throws. A redirect is not
 * followed: it could carry a credential to a host that an answer names.
 *
 * @param timeoutMs bound on connecting and answering together, in milliseconds
 */
export async function requestJson(
  url: string,
  init: RequestInit,
  timeoutMs: number,
  sys: Pick<Sys, "fetch">,
): Promise<JsonAnswer | NoAnswer> {
  try {
    const response = await sys.fetch(url, {
      ...init,
      redirect: "manual",
      timeoutMs,
    });
    const { status, headers } = response;
    const text = await response.text();
    return {
      kind: "answer",
      status,
      location: headers.get("location") ?? undefined,
      body: parseObject(text),
      shown: printable(text),
    };
  } catch (cause) {
    const reason = fetchFailure(cause, timeoutMs);
    return { kind: "none", reason: notHttps(reason, url) ?? reason, cause };
  }
}

/** What rustls says of a port where nobody speaks TLS. */
const NO_TLS = "received corrupt message of type InvalidContentType";

/** The reason when what listens there speaks plain http, most likely. */
function notHttps(reason: string, text: string): string | undefined {
  if (!reason.includes(NO_TLS)) return undefined;
  const url = new URL(text);
  return isLoopback(url)
    ? `that port does not speak https; try http://${url.host}`
    : "that port does not speak https";
}

/** Why `fetch` failed, without the URL that Deno's message begins with. */
export function fetchFailure(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return printable(String(error));
  const { cause } = error;
  const detail = cause instanceof Error ? cause.message : undefined;
  if (error.name === "TimeoutError") {
    return `no answer within ${timeoutMs / 1000} s` +
      (detail === undefined ? "" : printable(detail));
  }
  return printable((detail ?? error.message).replace(URL_PREFIX, ""));
}

const URL_PREFIX = /^error sending request[^)]*\): /;
