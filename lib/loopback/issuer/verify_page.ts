/**
 * The page on which a person approves a sign-in: opening it with the code in
 * its query is enough, so that a fake browser need only fetch it.
 *
 * @module
 */

import { decide } from "./device.ts";
import { type IssuerRequest, PATHS } from "./issuer_request.ts";
import type { IssuerState } from "./state.ts";

/** Answers a visit to the page. */
export function answerVerify(
  record: IssuerRequest,
  state: IssuerState,
): Response {
  const { user_code } = record.body;
  if (!user_code) {
    return page(
      200,
      `<form action="${PATHS.verify}">
<label>Code: <input name="user_code" autofocus></label>
<button>Sign in</button>
</form>`,
    );
  }
  return decide(state, "approve", user_code) > 0
    ? page(200, "<p>You are signed in. You can close this page.</p>")
    : page(404, "<p>This code is not known, or no longer good.</p>");
}

function page(status: number, content: string): Response {
  const title = "Sign in to the embedded issuer";
  return new Response(
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<h1>${title}</h1>
${content}
</html>
`,
    {
      status,
      headers: {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
      },
    },
  );
}
