/**
 * `ai-claude provider check NAME`: whether a provider answers. It is sent one
 * word, for an answer of one token.
 *
 * @module
 */

import { NO_TOKEN } from "../../auth/token.ts";
import { CliError, EXIT_CODES } from "../../base/errors.ts";
import { render } from "../../base/render.ts";
import { getProvider } from "../../gateway/client.ts";
import { parseGatewayUrl, providerUrl } from "../../gateway/gateway_url.ts";
import { type Mode, modeOf } from "../../gateway/mode.ts";
import { ping, type PingFailure } from "../../gateway/ping.ts";
import type { Provider } from "../../gateway/provider.ts";
import { pickModel } from "../../launch/models.ts";
import type { Options } from "../../profile/options.ts";
import type { Sys } from "../../system/sys.ts";
import type { Access } from "./provider_access.ts";

/** Bound on a model's answer without `--timeout`, in milliseconds. */
const ANSWER_MS = 30_000;

/** The model that an Anthropic provider without an allow-list is asked for. */
const CHEAP_MODEL = "claude-haiku-4-5";

const NEEDS_BOTH =
  "passthrough takes two credentials, the gateway's and your Claude login, and " +
  "CLAUDE_CODE_OAUTH_TOKEN holds no login: `claude setup-token` makes one";

/** What `-o json` and `-o yaml` print. */
export interface CheckedProvider {
  name: string;
  ok: true;
  /** How long the answer took, in milliseconds. */
  ms: number;
  /** How the gateway was authenticated. */
  mode: Mode;
  /** The model that answered. */
  model: string;
}

/** What is asked for. */
interface Asked {
  name: string;
  /** `--model` */
  model?: string;
}

/** Prints whether a provider answers; resolves to the exit code. */
export async function checkProvider(
  asked: Asked,
  gateway: Access,
  { format }: Options,
  sys: Sys,
): Promise<number> {
  const { name } = asked;
  const checked = await tryOut(asked, gateway, sys);
  if (!("failure" in checked)) {
    const line = `OK  ${name}  (${checked.ms} ms)\n`;
    sys.out(render(format, checked, () => line));
    return 0;
  }
  const { code, kind, message } = checked.failure;
  if (format === "json") {
    throw new CliError(kind, `provider "${name}": ${code}: ${message}`);
  }
  sys.err(`FAIL  ${name}  code=${code}  ${message}\n`);
  return EXIT_CODES[kind];
}

async function tryOut(
  { name, model: wanted }: Asked,
  { client, report }: Access,
  sys: Sys,
): Promise<CheckedProvider | { failure: PingFailure }> {
  const { gatewayUrl, token, timeoutMs } = client;
  const lookup = await getProvider(client, name, sys);
  // A token that may only invoke can still get an answer.
  if (lookup.kind !== "provider" && lookup.kind !== "permission_denied") {
    const { kind, message } = lookup;
    return { failure: { code: kind, kind, message } };
  }
  const provider = lookup.kind === "provider" ? lookup.provider : undefined;
  const mode = provider === undefined ? "managed" : modeOf(provider);
  if (mode === undefined) {
    const what =
      `it is of type ${provider?.type}, which Claude Code cannot use`;
    return unfit(what, "usage");
  }
  if (provider?.enabled === false) {
    return unfit("it is disabled", "unauthenticated");
  }
  const login = sys.env.CLAUDE_CODE_OAUTH_TOKEN;
  if (mode === "passthrough" && !login) {
    return unfit(NEEDS_BOTH, "unauthenticated");
  }
  if (mode === "passthrough") {
    parseGatewayUrl(gatewayUrl, { from: mode, sendsCredential: true });
  }
  const model = wanted ?? cheapModel(name, mode, provider);
  report.debug(`asking ${model} of ${name} in ${mode} mode`);
  const bearer = token ?? NO_TOKEN;
  const pong = await ping({
    url: providerUrl(gatewayUrl, name, provider?.url).url,
    mode,
    model,
    headers: mode === "passthrough"
      ? {
        authorization: `Bearer ${login}`,
        "anthropic-beta": "oauth-2025-04-20",
        "x-redpanda-cloud-token": bearer,
      }
      : { authorization: `Bearer ${bearer}` },
    timeoutMs: timeoutMs ?? ANSWER_MS,
  }, sys);
  return "failure" in pong ? pong : { name, ok: true, ...pong, mode, model };
}

function unfit(
  message: string,
  kind: PingFailure["kind"],
): { failure: PingFailure } {
  return { failure: { code: "failed_precondition", kind, message } };
}

/** @throws {CliError} `usage` where no id can be known */
function cheapModel(
  name: string,
  mode: Mode,
  provider: Provider | undefined,
): string {
  const { models = [], region } = provider ?? {};
  if (models.length > 0) return pickModel("haiku", models, region);
  if (mode !== "bedrock") return CHEAP_MODEL;
  throw new CliError(
    "usage",
    `cannot check provider "${name}": it lists no models`,
    { hint: `name one: ai-claude provider check ${name} --model ID` },
  );
}
