/**
 * `MILLISECONDS URL...`: asks for each URL in turn, with a bearer, and prints
 * what came of it, a line each. A process of its own, since Deno reads the proxy
 * variables once.
 *
 * @module
 */

import { fetchDirectly } from "../../lib/system/deno_fetch.ts";
import { requestJson } from "../../lib/system/request_json.ts";

const [bound, ...urls] = Deno.args;
for (const url of urls) {
  const headers = { authorization: "Bearer a-secret" };
  const answer = await requestJson(url, { headers }, Number(bound), {
    fetch: fetchDirectly,
  });
  const line = answer.kind === "none" ? answer.reason : `${answer.status}`;
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
