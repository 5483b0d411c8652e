/**
 * Checks of the way to the gateway: the config, the token, the gateway itself,
 * the provider and its models.
 *
 * @module
 */

import { SESSION_MS } from "../../launch/session_token.ts";
import { canAsk } from "../../gateway/choose_provider.ts";
import { showDuration } from "../../base/duration.ts";
import { homeDir } from "../../system/find_program.ts";
import { GATEWAY_TIMEOUT_MS, listProviders } from "../../gateway/client.ts";
import { fetchFailure } from "../../system/request_json.ts";
import { isLoopback } from "../../base/loopback_host.ts";
import { modelInput } from "../../launch/model_input.ts";
import { planModels } from "../../launch/models.ts";
import { isUsable } from "../../gateway/provider.ts";
import { nameList, printable } from "../../base/printable.ts";
import { shownUrl } from "../../profile/resolved_profile.ts";
import type { Sys } from "../../system/sys.ts";
import { fail, failure, type Finding, ok, skip, warn } from "./check.ts";
import { MissingAnswer } from "../../launch/inquire.ts";
import type { Examination } from "./examination.ts";

/** The config file, the profile in force and the gateway that it names. */
export async function checkConfig(examination: Examination): Promise<Finding> {
  const { target, gateway, options, sys } = examination;
  const read = await target;
  if (read.value === undefined) return failure(read.error);
  const url = await gateway;
  if (url.value === undefined) {
    if (homeDir(sys) === undefined && options.configPath === undefined) {
      return fail(
        "no AI gateway: HOME is not set, so there is no config file",
        "set HOME, or name a file with --rpai-config and a gateway with " +
          "--rpai-endpoint",
      );
    }
    const missing = await failure(url.error);
    return read.value.profile !== undefined || options.endpoint !== undefined
      ? missing
      : {
        ...missing,
        remedy: "ai-claude profile add NAME --ai-gateway-url " +
          "https://aigw.<cluster-id>.clusters.rdpa.co --llm-provider NAME",
      };
  }
  const { profile, authMode } = read.value;
  const who = profile === undefined
    ? "no profile"
    : `profile "${profile.name}" of ${options.configPath}`;
  return ok(`${who}, gateway ${url.value}, auth_mode ${authMode}`);
}

/** Whose token, for how long; never the token itself. */
export async function checkToken(
  { token, sys }: Examination,
): Promise<Finding> {
  const { value, error } = await token;
  if (value === undefined) {
    return error instanceof MissingAnswer
      ? skip("the config cannot be read")
      : failure(error);
  }
  if (value.value === undefined) return ok("none is needed: auth_mode is none");
  const left = value.expiresAt === undefined
    ? undefined
    : value.expiresAt - sys.now();
  const parts = [
    `from ${value.source}`,
    ...(value.identity === undefined ? [] : [printable(value.identity)]),
    ...(value.organization === undefined
      ? []
      : [`organization ${printable(value.organization)}`]),
    left === undefined ? "no known expiry" : `${showDuration(left)} left`,
    value.refreshable ? "refreshable" : "not refreshable",
    ...(value.notice === undefined ? [] : [value.notice]),
  ];
  const message = parts.join(", ");
  return left !== undefined && left < SESSION_MS && !value.refreshable
    ? warn(message, "sign in anew before a long session: ai-claude auth login")
    : ok(message);
}

/** Whether the gateway answers, how fast, and what is on the way to it. */
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

/** Variables that put a proxy between, in upper or lower case. */
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
  if (answer.value === undefined) {
    return skip("it takes a gateway and a token to read it");
  }
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

async function notChosen(
  { gateway, token, sys }: Examination,
): Promise<Finding> {
  const { value: gatewayUrl } = await gateway;
  const { value: bearer } = await token;
  const remedy =
    "give one with --llmprovider NAME, or set llm_provider in the " +
    "profile";
  if (gatewayUrl === undefined || bearer === undefined) {
    return fail("none is chosen", remedy);
  }
  const client = { gatewayUrl, token: bearer.value };
  const list = await listProviders(client, sys);
  const usable = list.kind === "providers"
    ? list.providers.filter(isUsable).map(({ name }) => name)
    : [];
  if (usable.length === 0) return fail("none is chosen", remedy);
  const choices = `${remedy}; Claude Code can use: ${nameList(usable)}`;
  return canAsk(sys)
    ? warn("none is chosen: each launch asks for one", choices)
    : fail("none is chosen", choices);
}

/** The model that a launch would ask for, against the allow-list. */
export async function checkModel(examination: Examination): Promise<Finding> {
  const { value: decided } = await examination.route;
  const { value: facts } = await examination.facts;
  if (facts === undefined) return skip("the settings files cannot be read");
  if (decided?.provider === undefined) {
    const asked = facts.user.model;
    return asked === undefined
      ? skip("the provider's allow-list is not known")
      : skip(`"${asked.id}" (${asked.from}): the allow-list is not known`);
  }
  const { models: allowed } = decided.provider;
  if (examination.request.flags.model === "?") {
    return skip("each launch asks for one");
  }
  // A model outside the list is thrown, and so a failed check.
  const plan = planModels(modelInput(facts));
  if (plan.warnings.length > 0) {
    return warn(plan.warnings.join("; "), "choose one with --model ID");
  }
  const asked = plan.model ?? plan.pins.ANTHROPIC_DEFAULT_MODEL;
  const which = asked === undefined ? "Claude Code's choice" : `"${asked}"`;
  return ok(
    allowed.length === 0 ? `${which}; all are allowed` : `${which} is allowed`,
  );
}
