/**
 * Checks of the way to the gateway: the token, the gateway itself, the provider
 * and its models.
 *
 * @module
 */

import { SESSION_MS } from "../../launch/session_token.ts";
import { canAsk } from "../../gateway/choose_provider.ts";
import { showDuration } from "../../base/duration.ts";
import { GATEWAY_TIMEOUT_MS } from "../../gateway/client.ts";
import { fetchFailure } from "../../system/request_json.ts";
import { isLoopback } from "../../base/loopback_host.ts";
import { modelInput } from "../../launch/model_input.ts";
import { planModels } from "../../launch/models.ts";
import { isUsable, type Provider } from "../../gateway/provider.ts";
import { nameList, printable } from "../../base/printable.ts";
import { shownUrl } from "../../profile/resolved_profile.ts";
import type { Sys } from "../../system/sys.ts";
import { fail, failure, type Finding, ok, skip, warn } from "./check.ts";
import { MissingAnswer } from "../../launch/inquire.ts";
import type { Examination } from "./examination.ts";
import { projectModels } from "./project_models.ts";
import { refusedHint } from "../../auth/refused_hint.ts";
import type { Facts, LaunchRequest } from "../../launch/facts.ts";

/** Whose token, for how long; never the token itself. */
export async function checkToken(
  { token, lookup, said, sys }: Examination,
): Promise<Finding> {
  const resolved = await token;
  if (resolved.value === undefined) {
    return resolved.error instanceof MissingAnswer
      ? skip("the config cannot be read")
      : failure(resolved.error);
  }
  // One that was refused may have been refreshed.
  const value = (await lookup).value?.token ?? resolved.value;
  const left = value.expiresAt === undefined
    ? undefined
    : value.expiresAt - sys.now();
  const message = value.value === undefined
    ? "none is sent: auth_mode is none"
    : [
      `from ${value.source}`,
      ...(value.identity === undefined ? [] : [printable(value.identity)]),
      ...(value.organization === undefined
        ? []
        : [`organization ${printable(value.organization)}`]),
      left === undefined ? "no known expiry" : `${showDuration(left)} left`,
      value.refreshable ? "refreshable" : "not refreshable",
      ...(value.notice === undefined ? [] : [value.notice]),
    ].join(", ");
  const answer = await said;
  if (answer?.kind === "unauthenticated") {
    return fail(
      `${message}: the gateway refuses it: ${answer.message}`,
      refusedHint(value.source),
    );
  }
  return left !== undefined && left < SESSION_MS && !value.refreshable
    ? warn(message, "sign in again before a long session: ai-claude auth login")
    : ok(message);
}

/** Whether the gateway answers, how fast, and through which proxy. */
export async function checkGateway(
  { gateway, sys }: Examination,
): Promise<Finding> {
  const { value: url } = await gateway;
  if (url === undefined) return skip("there is no gateway URL");
  const start = sys.now();
  try {
    const response = await sys.fetch(url, {
      redirect: "manual",
      timeoutMs: GATEWAY_TIMEOUT_MS,
    });
    await response.body?.cancel();
  } catch (error) {
    return fail(
      `${url}: ${fetchFailure(error, GATEWAY_TIMEOUT_MS)}${onTheWay(url, sys)}`,
      "check the URL, the network and the proxy variables",
    );
  }
  const latency = `${url} answers in ${sys.now() - start} ms`;
  const unverified = sys.env.NODE_TLS_REJECT_UNAUTHORIZED === "0";
  return unverified
    ? warn(
      `${latency}; NODE_TLS_REJECT_UNAUTHORIZED=0: Claude Code does not verify ` +
        "any certificate",
      "unset NODE_TLS_REJECT_UNAUTHORIZED; NODE_EXTRA_CA_CERTS adds a " +
        "certificate authority",
    )
    : ok(latency + onTheWay(url, sys));
}

/** Variables that name a proxy, in upper or lower case. */
export const PROXY_VARIABLES = [
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
];

/** Variables that add a certificate authority. */
const AUTHORITIES = [
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
];

function onTheWay(text: string, { env }: Pick<Sys, "env">): string {
  const url = new URL(text);
  if (isLoopback(url)) return ", on this machine";
  const lower = PROXY_VARIABLES.map((name) => name.toLowerCase());
  const set = [...PROXY_VARIABLES, ...lower]
    .filter((name) => env[name])
    .map((name) => `${name}=${printable(shownUrl(env[name]))}`);
  const authorities = AUTHORITIES.filter((name) => env[name])
    .map((name) => `${name}=${printable(env[name])}`);
  return [
    "",
    url.protocol === "https:" ? "TLS" : "no TLS",
    ...(set.length === 0 ? ["no proxy variable"] : set),
    ...authorities,
  ].join(", ");
}

/** The provider's record, and the mode that a launch would take. */
export async function checkProvider(
  examination: Examination,
): Promise<Finding> {
  const { provider, lookup, route } = examination;
  const chosen = await provider;
  if (chosen.error !== undefined && !(chosen.error instanceof MissingAnswer)) {
    return failure(chosen.error);
  }
  if (chosen.error === undefined && chosen.value === undefined) {
    return await notChosen(examination);
  }
  const answer = await lookup;
  if (
    answer.value === undefined ||
    answer.value.lookup.kind === "unauthenticated"
  ) return skip("it takes a gateway, and a token that it accepts, to read it");
  const decided = await route;
  if (decided.value === undefined) return failure(decided.error);
  const { mode, provider: record, warnings } = decided.value;
  if (record === undefined) return warn(warnings.join("; "));
  const { length } = record.models;
  const models = length === 0
    ? "all models"
    : length === 1
    ? "1 model"
    : `${length} models`;
  const message = `"${record.name}": ${record.type}, enabled, ${models}; a ` +
    `launch takes ${mode} mode`;
  return warnings.length === 0
    ? ok(message)
    : warn([message, ...warnings].join("; "), "leave that flag out");
}

async function notChosen({ said, sys }: Examination): Promise<Finding> {
  const remedy = "give one with --llmprovider NAME, or set llm_provider in " +
    "the profile";
  const list = await said;
  const usable = list?.kind === "providers"
    ? list.providers.filter(isUsable).map(({ name }) => name)
    : [];
  if (usable.length === 0) return fail("none is chosen", remedy);
  const choices = `${remedy}; Claude Code can use: ${nameList(usable)}`;
  return canAsk(sys)
    ? warn("none is chosen: each launch asks for one", choices)
    : fail("none is chosen", choices);
}

/** The models that a launch and the project's files ask for. */
export async function checkModel(
  { route, facts, request, sys }: Examination,
): Promise<Finding[]> {
  const { value: decided } = await route;
  const { value: known } = await facts;
  if (known === undefined) return [skip("the settings files cannot be read")];
  let finding: Finding;
  try {
    finding = launchModel(known, decided?.provider, request);
  } catch (error) {
    finding = await failure(error);
  }
  return [finding, ...await projectModels(known, sys)];
}

/** @throws {CliError} `usage` for a model that a launch refuses */
function launchModel(
  facts: Facts,
  provider: Provider | undefined,
  { flags }: LaunchRequest,
): Finding {
  if (provider === undefined) {
    const { model } = facts.user;
    return skip(
      model === undefined
        ? "the provider's allow-list is not known"
        : `"${model.id}" (${model.from}): the allow-list is not known`,
    );
  }
  if (flags.model === "?") return skip("each launch asks for one");
  const plan = planModels(modelInput(facts));
  if (plan.warnings.length > 0) {
    return warn(plan.warnings.join("; "), "choose one with --model ID");
  }
  const asked = plan.model ?? plan.pins.ANTHROPIC_DEFAULT_MODEL;
  const which = asked === undefined ? "Claude Code's choice" : `"${asked}"`;
  return ok(
    provider.models.length === 0
      ? `${which}; all are allowed`
      : `${which} is allowed`,
  );
}
