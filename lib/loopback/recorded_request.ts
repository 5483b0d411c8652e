/**
 * What a request carried: the handlers decide on it, and tests and the demo
 * read it afterwards.
 *
 * @module
 */

import { type JsonObject, parseObject } from "../base/json_object.ts";

/** One request as the embedded gateway saw and answered it. */
export interface RecordedRequest {
  method: string;
  /** Path with the query. */
  path: string;
  /** Names in lower case. Holds the caller's credentials as they came. */
  headers: Record<string, string>;
  kind:
    | "metadata"
    | "messages"
    | "count_tokens"
    | "bedrock"
    | "bedrock_profiles"
    | "other";
  /** The provider asked for, which need not exist. */
  provider?: string;
  /** How the provider is reached; absent when there is no such provider. */
  mode?: "managed" | "passthrough" | "bedrock";
  model?: string;
  status: number;
  /** The JSON object in the body; absent when there was none. */
  body?: JsonObject;
}

/** Reads a request to its end into a record not yet routed, with status 200. */
export async function recordRequest(
  request: Request,
): Promise<RecordedRequest> {
  const { pathname, search } = new URL(request.url);
  return {
    method: request.method,
    path: pathname + search,
    headers: Object.fromEntries(request.headers),
    kind: "other",
    status: 200,
    body: parseObject(await request.text()),
  };
}

/** The token of an `Authorization: Bearer` header; `""` when there is none. */
export function bearerToken(record: RecordedRequest): string {
  const match = /^Bearer +(\S+)$/i.exec(record.headers.authorization ?? "");
  return match?.[1] ?? "";
}
