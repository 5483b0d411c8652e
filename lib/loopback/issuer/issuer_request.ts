/**
 * What a request to the embedded issuer carried: the endpoints decide on it, and
 * tests and the demo read it afterwards.
 *
 * @module
 */

import { parseObject } from "../../base/json_object.ts";
import { shortGrantName } from "./grant_name.ts";

/** One request as the embedded issuer saw and answered it. */
export interface IssuerRequest {
  /** What the path is for. */
  endpoint: "discovery" | "device" | "token" | "verify" | "other";
  /** In capitals. */
  method: string;
  /** Path with the query. */
  path: string;
  /** What a token request asked for: the short name of its grant type. */
  grant?: string;
  /** HTTP status of the answer; 0 while there is none. */
  status: number;
  /**
   * The text fields of a form or JSON body, of the query with GET. Holds secrets
   * as they came.
   */
  body: Record<string, string>;
  /** The media type as it came; `""` when there was none. */
  contentType: string;
}

/** Path by endpoint: those of Auth0, which Redpanda's issuer is. */
export const PATHS = {
  discovery: "/.well-known/openid-configuration",
  device: "/oauth/device/code",
  token: "/oauth/token",
  verify: "/activate",
} as const;

/** Reads a request to its end into a record not yet answered. */
export async function recordRequest(request: Request): Promise<IssuerRequest> {
  const { pathname, search, searchParams } = new URL(request.url);
  const contentType = request.headers.get("content-type") ?? "";
  const text = await request.text();
  const record: IssuerRequest = {
    endpoint: endpointOf(pathname),
    method: request.method,
    path: pathname + search,
    status: 0,
    body: request.method === "GET"
      ? Object.fromEntries(searchParams)
      : textFields(text, contentType),
    contentType,
  };
  if (record.endpoint === "token" && record.body.grant_type !== undefined) {
    record.grant = shortGrantName(record.body.grant_type);
  }
  return record;
}

/** Whether the record's body came in the format. */
export function hasBody(
  { contentType }: IssuerRequest,
  format: "form" | "json",
): boolean {
  return mediaType(contentType) === MEDIA_TYPES[format];
}

const MEDIA_TYPES = {
  form: "application/x-www-form-urlencoded",
  json: "application/json",
} as const;

function mediaType(contentType: string): string {
  return contentType.split(";")[0].trim().toLowerCase();
}

function endpointOf(pathname: string): IssuerRequest["endpoint"] {
  for (const endpoint of ["discovery", "device", "token", "verify"] as const) {
    if (PATHS[endpoint] === pathname) return endpoint;
  }
  return "other";
}

function textFields(
  text: string,
  contentType: string,
): Record<string, string> {
  if (mediaType(contentType) === MEDIA_TYPES.form) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  return Object.fromEntries(
    Object.entries(parseObject(text) ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}
