/**
 * What can go wrong between a client and the embedded issuer.
 *
 * @module
 */

import { type JsonObject, parseObject } from "../../lib/base/json_object.ts";
import { oauthAnswer } from "../../lib/loopback/issuer.ts";

/** One thing that can go wrong. */
export type IssuerFault =
  /** A web page, as of a captive portal. */
  | "html"
  /** The right answer as `text/plain`. */
  | "wrong-content-type"
  | "empty-object"
  /** Half of the right answer. */
  | "truncated"
  | "500"
  /** No answer until the issuer closes. */
  | "slow"
  /** Half of the right answer, then the connection closes. */
  | "hang-up"
  | "expires-in-string"
  | "no-expires-in"
  /** A line break in the access token, an escape sequence in the user code. */
  | "control-characters"
  /** To another origin, with the method and the body. */
  | "redirect"
  /** The discovery document names a token endpoint on another origin. */
  | "other-issuer";

/** Where a request was when something went wrong. */
interface Place {
  issuerUrl: string;
  /** Aborted when the issuer closes. */
  closing: AbortSignal;
}

/** What a fault does to an answer. */
type Effect =
  /** The request never reaches the issuer, which grants nothing. */
  | { instead: (place: Place) => Response | Promise<Response> }
  /** The issuer did as asked; its answer, be it an error, arrives spoiled. */
  | { wire: (text: string, response: Response) => Response }
  /** The same; undefined spares an answer that has no such field. */
  | { fields: (body: JsonObject, place: Place) => JsonObject | undefined };

/** What the client gets when a fault hits the answer, if it can hit this one. */
export async function answerWithFault(
  fault: IssuerFault,
  place: Place,
  answer: () => Promise<Response>,
): Promise<Response> {
  const effect = EFFECTS[fault];
  if ("instead" in effect) return await effect.instead(place);
  const response = await answer();
  const text = await response.clone().text();
  if ("wire" in effect) return effect.wire(text, response);
  const body = parseObject(text);
  const spoiled = body && effect.fields(body, place);
  return spoiled ? oauthAnswer(spoiled, response.status) : response;
}

const EFFECTS: Readonly<Record<IssuerFault, Effect>> = {
  html: {
    instead: () =>
      new Response("<!doctype html>\n<title>Welcome</title>\n", {
        headers: { "content-type": "text/html; charset=utf-8" },
      }),
  },
  "wrong-content-type": {
    wire: (text, { status }) =>
      new Response(text, { status, headers: { "content-type": "text/plain" } }),
  },
  "empty-object": { instead: () => oauthAnswer({}) },
  truncated: { wire: (text, response) => new Response(half(text), response) },
  "500": {
    instead: () => new Response("Internal Server Error", { status: 500 }),
  },
  slow: { instead: ({ closing }) => noAnswer(closing) },
  "hang-up": { wire: breakOff },
  "expires-in-string": {
    fields: ({ expires_in, ...rest }) =>
      expires_in === undefined
        ? undefined
        : { ...rest, expires_in: `${expires_in}` },
  },
  "no-expires-in": {
    fields: ({ expires_in, ...rest }) =>
      expires_in === undefined ? undefined : rest,
  },
  "control-characters": { fields: withControlCharacters },
  redirect: {
    // 307: a client that follows it shows its secrets once more, to be seen.
    instead: ({ issuerUrl }) =>
      new Response(null, {
        status: 307,
        headers: { location: `${otherOrigin(issuerUrl)}/redirected` },
      }),
  },
  "other-issuer": {
    fields: ({ token_endpoint, ...rest }, { issuerUrl }) =>
      token_endpoint === undefined ? undefined : {
        ...rest,
        token_endpoint: `${otherOrigin(issuerUrl)}/other-issuer`,
      },
  },
};

/** What is put into a field, by its name. */
const CONTROL_CHARACTERS = new Map([
  ["access_token", "\n"],
  ["user_code", "\x1b[2J"],
  ["verification_uri", "\x1b[2J"],
  ["verification_uri_complete", "\x1b[2J"],
]);

function withControlCharacters(body: JsonObject): JsonObject | undefined {
  const names = Object.keys(body).filter((name) =>
    CONTROL_CHARACTERS.has(name)
  );
  if (names.length === 0) return undefined;
  const spoiled = { ...body };
  for (const name of names) {
    const text = String(body[name]);
    const start = half(text);
    spoiled[name] = start + CONTROL_CHARACTERS.get(name) +
      text.slice(start.length);
  }
  return spoiled;
}

/**
 * Pends until the issuer closes. Not until the client leaves: once a handler has
 * used `request.signal`, Deno prints a warning about it (2.9.6).
 */
async function noAnswer(closing: AbortSignal): Promise<Response> {
  await new Promise<void>((resolve) => {
    if (closing.aborted) resolve();
    else closing.addEventListener("abort", () => resolve(), { once: true });
  });
  return new Response(null, { status: 503 });
}

/**
 * A body shorter than announced, after which the server closes the connection;
 * a stream that fails would do so too, but Deno prints its error.
 */
function breakOff(text: string, response: Response): Response {
  const encoder = new TextEncoder();
  const headers = new Headers(response.headers);
  headers.set("content-length", `${encoder.encode(text).length}`);
  const body = ReadableStream.from([encoder.encode(half(text))]);
  return new Response(body, { status: response.status, headers });
}

function half(text: string): string {
  return text.slice(0, Math.ceil(text.length / 2));
}

/** This very server under another name, so that whoever follows is recorded. */
function otherOrigin(issuerUrl: string): string {
  return issuerUrl.replace("127.0.0.1", "localhost");
}
