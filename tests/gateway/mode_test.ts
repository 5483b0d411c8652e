import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import type { Lookup } from "../../lib/gateway/client.ts";
import {
  decideMode,
  type ModeDecision,
  type ModeFlags,
  type ModeInput,
} from "../../lib/gateway/mode.ts";
import type { Provider } from "../../lib/gateway/provider.ts";
import { shown } from "../support/fake_sys.ts";

const NO_FLAGS: ModeFlags = {};
const PASSTHROUGH: ModeFlags = { passthrough: true };
const BEDROCK: ModeFlags = { bedrock: true };

function provider(more: Partial<Provider> = {}): Provider {
  return {
    name: "main",
    type: "anthropic",
    enabled: true,
    passthrough: false,
    models: [],
    ...more,
  };
}

const listing = (...providers: Provider[]) => () => Promise.resolve(providers);
const others = listing(
  provider({ name: "anthropic" }),
  provider({ name: "openai", type: "openai" }),
  provider({ name: "bedrock", type: "bedrock" }),
  provider({ name: "off", enabled: false }),
);
const USABLE = "providers Claude Code can use: anthropic, bedrock";

/** Decides; whoever asks for the other providers has to be given them. */
function decide(
  lookup: Lookup | Provider,
  more: Partial<ModeInput> = {},
): Promise<ModeDecision> {
  return decideMode({
    name: "main",
    lookup: "kind" in lookup ? lookup : { kind: "provider", provider: lookup },
    flags: NO_FLAGS,
    printOnly: false,
    namesModel: true,
    others: () => Promise.reject(new Error("asked for the others")),
    ...more,
  });
}

function refusal(...args: Parameters<typeof decide>): Promise<CliError> {
  return assertRejects(() => decide(...args), CliError);
}

const MANAGED_RECORD = provider();
const PASSTHROUGH_RECORD = provider({ passthrough: true, models: ["m"] });
const BEDROCK_RECORD = provider({ type: "bedrock", passthrough: true });

Deno.test("decideMode() takes the provider's own type and setting, and says which flag it ignores", async () => {
  const cases: [Provider, ModeFlags, ModeDecision["mode"], ignored?: string][] =
    [
      [MANAGED_RECORD, NO_FLAGS, "managed"],
      [PASSTHROUGH_RECORD, NO_FLAGS, "passthrough"],
      [BEDROCK_RECORD, NO_FLAGS, "bedrock"],
      [PASSTHROUGH_RECORD, PASSTHROUGH, "passthrough"],
      [BEDROCK_RECORD, BEDROCK, "bedrock"],
      [MANAGED_RECORD, PASSTHROUGH, "managed", "--passthrough"],
      [MANAGED_RECORD, BEDROCK, "managed", "--bedrock"],
      [PASSTHROUGH_RECORD, BEDROCK, "passthrough", "--bedrock"],
    ];
  for (const [record, flags, mode, ignored] of cases) {
    assertEquals(await decide(record, { flags }), {
      mode,
      provider: record,
      warnings: ignored === undefined
        ? []
        : [`${ignored} ignored: provider "main" is set up for ${mode} mode`],
    });
  }
});

Deno.test("decideMode() refuses --passthrough on a bedrock provider", async () => {
  assertEquals(
    shown(await refusal(BEDROCK_RECORD, { flags: PASSTHROUGH, others })),
    {
      code: "usage",
      message: '--passthrough does not work with the bedrock provider "main"',
      hint: `leave the flag out; ${USABLE}`,
    },
  );
});

Deno.test("decideMode() refuses a provider of another type, listing the usable ones", async () => {
  const google = provider({ type: "google" });
  assertEquals(shown(await refusal(google, { others })), {
    code: "usage",
    message: 'provider "main" is of type google, which Claude Code cannot use',
    hint: USABLE,
  });
  assertEquals(
    (await refusal(google, { others: () => Promise.resolve(undefined) })).hint,
    "choose another with --llmprovider NAME",
  );
  assertEquals(
    (await refusal(google, { others: listing(google) })).hint,
    "this gateway has no provider that Claude Code can use",
  );
  for (const type of ["openai_compatible", "unspecified", "type 99"]) {
    for (const flags of [NO_FLAGS, PASSTHROUGH, BEDROCK]) {
      const { message } = await refusal(provider({ type }), { flags, others });
      assertStringIncludes(message, `is of type ${type},`);
    }
  }
});

Deno.test("decideMode() refuses a disabled provider", async () => {
  for (const type of ["anthropic", "bedrock"]) {
    const off = provider({ type, enabled: false });
    assertEquals(shown(await refusal(off, { others })), {
      code: "unauthenticated",
      message: 'provider "main" is disabled',
      hint: `ask an administrator to enable it; ${USABLE}`,
    });
  }
});

Deno.test("decideMode() lets the flags decide for invoke-only access, with one warning", async () => {
  const denied: Lookup = { kind: "permission_denied", message: "no" };
  const force = "force another with --passthrough or --bedrock";
  const model =
    "its allowed models are unknown, and Claude Code retries a refused one in " +
    "silence: name one with --model";
  const cases: [Partial<ModeInput>, ModeDecision["mode"], string][] = [
    [{}, "managed", `assuming managed mode: ${force}`],
    [
      { namesModel: false },
      "managed",
      `assuming managed mode: ${force}; ${model}`,
    ],
    [
      { namesModel: false, flags: BEDROCK },
      "bedrock",
      `taking bedrock mode: ${model}`,
    ],
    [{ flags: PASSTHROUGH }, "passthrough", "taking passthrough mode"],
    [{ flags: BEDROCK }, "bedrock", "taking bedrock mode"],
  ];
  for (const [more, mode, words] of cases) {
    assertEquals(await decide(denied, more), {
      mode,
      warnings: [
        'provider "main" cannot be read with this token (invoke-only access); ' +
        words,
      ],
    });
  }
});

Deno.test("decideMode() refuses a provider that is not there, with the closest names", async () => {
  const missing: Lookup = { kind: "not_found", message: "no such provider" };
  for (const printOnly of [false, true]) {
    const error = await refusal(missing, {
      name: "antropic",
      others,
      printOnly,
    });
    assertEquals(shown(error), {
      code: "not_found",
      message: 'provider "antropic" is not on this gateway',
      hint: USABLE,
    });
    assertEquals(error.suggest, {
      word: "antropic",
      among: ["anthropic", "bedrock"],
      show: "closest",
    });
  }
});

Deno.test("decideMode() says how to sign in when the token is refused", async () => {
  const refused: Lookup = { kind: "unauthenticated", message: "token expired" };
  const signIn = "sign in with `ai-claude auth login`, or pass RPAI_TOKEN";
  // Whoever is signed in, this token would be taken.
  const fresh = "pass a fresh one, or leave it out to use the profile's login";
  const hints: [string | undefined, string][] = [
    [undefined, signIn],
    ["stored login", signIn],
    ["rpk ai auth token", "sign in: rpk ai auth login"],
    ["--token", fresh],
    ["RPAI_TOKEN", fresh],
  ];
  for (const [tokenSource, hint] of hints) {
    for (const printOnly of [false, true]) {
      assertEquals(shown(await refusal(refused, { tokenSource, printOnly })), {
        code: "unauthenticated",
        message: "the gateway refused the token: token expired",
        hint,
      });
    }
  }
});

Deno.test("decideMode() of an unreachable gateway is an error, but for --print-settings", async () => {
  const message = "https://gw.example.com: no answer within 5 s";
  const down: Lookup = { kind: "unavailable", message };
  const what = `cannot read provider "main" from ${message}`;
  for (
    const [flags, mode] of [
      [NO_FLAGS, "managed"],
      [PASSTHROUGH, "passthrough"],
      [BEDROCK, "bedrock"],
    ] as const
  ) {
    assertEquals(shown(await refusal(down, { flags })), {
      code: "unavailable",
      message: what,
      hint: "check the URL, the network and proxy variables, then try again; " +
        "--print-settings works offline",
    });
    assertEquals(await decide(down, { flags, printOnly: true }), {
      mode,
      warnings: [`${what}; showing ${mode} mode without it`],
    });
  }
});
