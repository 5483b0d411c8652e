/**
 * Asks at the terminal for what a launch leaves open; without a terminal, an
 * error lists the choices.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { type GatewayClient, listProviders, type Lookup } from "./client.ts";
import { type ChoicePlace, lastChoice, rememberChoice } from "./last_choice.ts";
import { lookupError } from "./lookup_error.ts";
import { modeOf, usableHint } from "./mode.ts";
import { nameList, printable } from "../base/printable.ts";
import { isUsable } from "./provider.ts";
import type { Choice, Question, Sys } from "../system/sys.ts";

/** Most models that an error lists. */
const LISTED_MODELS = 100;

/**
 * Whether the user can be asked. The question goes to stderr, so stdout may be a
 * file.
 */
export function canAsk(sys: Pick<Sys, "env" | "isTerminal">): boolean {
  return sys.isTerminal("stdin") && sys.isTerminal("stderr") &&
    sys.env.TERM !== "dumb";
}

/**
 * Asks which provider to use, offering the last choice first.
 *
 * @param client the gateway, or why it cannot be asked
 * @throws {CliError} `usage` without a terminal or without a choice, `cancelled`
 */
export async function chooseProvider(
  client: GatewayClient | CliError,
  place: ChoicePlace,
  color: boolean,
  sys: Sys,
): Promise<string> {
  const listing = client instanceof CliError
    ? undefined
    : await listProviders(client, sys);
  const providers = listing?.kind === "providers" ? listing.providers : [];
  const usable = providers.filter(isUsable);
  if (usable.length > 0 && canAsk(sys)) {
    const last = await lastChoice(place, sys);
    const choices = usable.map((provider): Choice => ({
      value: provider.name,
      note: modeOf(provider) +
        (provider.name === last ? ", chosen last time" : ""),
    }));
    choices.sort((a, b) => Number(b.value === last) - Number(a.value === last));
    const question = { message: "Provider", choices, color };
    const name = await ask(question, "--llmprovider NAME", sys);
    await rememberChoice(place, name, sys);
    return name;
  }
  throw new CliError("usage", "no provider: give one with --llmprovider NAME", {
    hint: listing?.kind === "providers"
      ? usableHint(listing.providers)
      : "or set llm_provider in the profile" + (listing === undefined
        ? ""
        : `; ${lookupError(listing, "the providers").message}`),
  });
}

/**
 * Asks which model to use, from the provider's allow-list: `--model ?`.
 *
 * @throws {CliError} `usage` without a terminal or an allow-list, `cancelled`
 */
export async function chooseModel(
  name: string,
  lookup: Lookup,
  color: boolean,
  sys: Sys,
): Promise<string> {
  if (lookup.kind !== "provider") {
    throw new CliError(
      "usage",
      `the models of provider "${name}" cannot be listed: ${lookup.message}`,
      { hint: "name one with --model ID" },
    );
  }
  // An id that cannot be shown as it is cannot be chosen.
  const models = lookup.provider.models.filter((id) => printable(id) === id);
  if (models.length === 0) {
    throw new CliError(
      "usage",
      `provider "${name}" lists no models to choose from`,
      { hint: "give any id with --model ID, or leave it out" },
    );
  }
  if (!canAsk(sys)) {
    throw new CliError("usage", "--model ? needs a terminal", {
      hint: `models of provider "${name}": ${nameList(models, LISTED_MODELS)}`,
    });
  }
  const choices = models.map((value) => ({ value }));
  return await ask({ message: "Model", choices, color }, "--model ID", sys);
}

async function ask(
  question: Question,
  flag: string,
  sys: Sys,
): Promise<string> {
  const value = await sys.pick(question);
  const what = question.message.toLowerCase();
  if (value !== undefined) {
    sys.err(`${what}: ${value}\n`);
    return value;
  }
  throw new CliError("cancelled", `no ${what} was chosen`, {
    hint: `name one with ${flag}`,
  });
}
