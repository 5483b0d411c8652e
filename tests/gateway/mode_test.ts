import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import type { Lookup } from "../../lib/gateway/client.ts";
import {
  decideMode,
  type ModeFlags,
  type ModeInput,
  modeOf,
  wantsAlternatives,
} from "../../lib/gateway/mode.ts";
import type { Provider } from "../../lib/gateway/provider.ts";
import { shown } from "../support/fake_sys.ts";

const NO_FLAGS: ModeFlags = { passthrough: false, bedrock: false };
const PASSTHROUGH: ModeFlags = { passthrough: true, bedrock: false };
const BEDROCK: ModeFlags = { passthrough: false, bedrock: true };

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

const OTHERS = [
  provider({ name: "anthropic" }),
  provider({ name: "openai", type: "openai" }),
  provider({ name: "bedrock", type: "bedrock" }),
  provider({ name: "off", enabled: false }),
];

function input(
  lookup: Lookup | Provider,
  more: Partial<ModeInput> = {},
): ModeInput {
  return {
    name: "main",
    lookup: "kind" in lookup ? lookup : { kind: "provider", provider: lookup },
    flags: NO_FLAGS,
    printOnly: false,
    namesModel: true,
    ...more,
  };
}

function decide(lookup: Lookup | Provider, more: Partial<ModeInput> = {}) {
  const { mode, warnings } = decideMode(input(lookup, more));
  return { mode, warnings };
}

function refusal(
  lookup: Lookup | Provider,
  more: Partial<ModeInput> = {},
): CliError {
  return assertThrows(() => decideMode(input(lookup, more)), CliError);
}

const MANAGED_RECORD = provider();
const PASSTHROUGH_RECORD = provider({ passthrough: true });
const BEDROCK_RECORD = provider({ type: "bedrock" });

Deno.test("decideMode() takes the provider's own type and setting", () => {
  assertEquals(decide(MANAGED_RECORD), { mode: "managed", warnings: [] });
  assertEquals(decide(PASSTHROUGH_RECORD), {
    mode: "passthrough",
    warnings: [],
  });
  assertEquals(decide(BEDROCK_RECORD), { mode: "bedrock", warnings: [] });
});

Deno.test("decideMode() hands the provider's record on", () => {
  const record = provider({ models: ["m"], region: "eu-west-1" });
  assertEquals(decideMode(input(record)).provider, record);
});

Deno.test("decideMode() is silent about a flag that agrees", () => {
  assertEquals(decide(PASSTHROUGH_RECORD, { flags: PASSTHROUGH }), {
    mode: "passthrough",
    warnings: [],
  });
  assertEquals(decide(BEDROCK_RECORD, { flags: BEDROCK }), {
    mode: "bedrock",
    warnings: [],
  });
});

Deno.test("decideMode() ignores a flag that contradicts, with a warning", () => {
  assertEquals(decide(MANAGED_RECORD, { flags: PASSTHROUGH }), {
    mode: "managed",
    warnings: [
      '--passthrough ignored: provider "main" is set up for managed mode',
    ],
  });
  assertEquals(decide(MANAGED_RECORD, { flags: BEDROCK }), {
    mode: "managed",
    warnings: ['--bedrock ignored: provider "main" is set up for managed mode'],
  });
  assertEquals(decide(PASSTHROUGH_RECORD, { flags: BEDROCK }), {
    mode: "passthrough",
    warnings: [
      '--bedrock ignored: provider "main" is set up for passthrough mode',
    ],
  });
});

Deno.test("decideMode() refuses --passthrough on a bedrock provider", () => {
  assertEquals(
    shown(refusal(BEDROCK_RECORD, { flags: PASSTHROUGH, others: OTHERS })),
    {
      code: "usage",
      message: '--passthrough does not work with the bedrock provider "main"',
      hint:
        "leave the flag out; providers Claude Code can use: anthropic, bedrock",
    },
  );
});

Deno.test("decideMode() refuses a provider of another type, listing the usable ones", () => {
  const google = provider({ type: "google" });
  assertEquals(shown(refusal(google, { others: OTHERS })), {
    code: "usage",
    message: 'provider "main" is of type google, which Claude Code cannot use',
    hint: "providers Claude Code can use: anthropic, bedrock",
  });
  assertEquals(refusal(google).hint, "choose another with --llmprovider NAME");
  assertEquals(
    refusal(google, { others: [google] }).hint,
    "this gateway has no provider that Claude Code can use",
  );
  for (
    const type of ["openai", "openai_compatible", "unspecified", "type 99"]
  ) {
    for (const flags of [NO_FLAGS, PASSTHROUGH, BEDROCK]) {
      const error = refusal(provider({ type }), { flags });
      assertEquals(error.exitCode, 2);
      assertStringIncludes(error.message, `is of type ${type},`);
    }
  }
});

Deno.test("decideMode() refuses a disabled provider", () => {
  for (const type of ["anthropic", "bedrock"]) {
    const error = refusal(provider({ type, enabled: false }), {
      others: OTHERS,
    });
    assertEquals(shown(error), {
      code: "unauthenticated",
      message: 'provider "main" is disabled',
      hint: "ask an administrator to enable it; " +
        "providers Claude Code can use: anthropic, bedrock",
    });
    assertEquals(error.exitCode, 3);
  }
});

Deno.test("decideMode() lets the flags decide for invoke-only access, with one warning", () => {
  const denied: Lookup = { kind: "permission_denied", message: "no" };
  const warning = (verb: string, mode: string) =>
    `provider "main" cannot be read with this token (invoke-only access); ${verb} ` +
    `${mode} mode`;
  const force = ": force another with --passthrough or --bedrock";
  const model =
    "its allowed models are unknown, and Claude Code retries a refused one in " +
    "silence: name one with --model";
  assertEquals(decide(denied), {
    mode: "managed",
    warnings: [warning("assuming", "managed") + force],
  });
  assertEquals(decide(denied, { namesModel: false }).warnings, [
    `${warning("assuming", "managed")}${force}; ${model}`,
  ]);
  assertEquals(
    decide(denied, { namesModel: false, flags: BEDROCK }).warnings,
    [`${warning("taking", "bedrock")}: ${model}`],
  );
  assertEquals(decide(denied, { flags: PASSTHROUGH }), {
    mode: "passthrough",
    warnings: [warning("taking", "passthrough")],
  });
  assertEquals(decide(denied, { flags: BEDROCK }), {
    mode: "bedrock",
    warnings: [warning("taking", "bedrock")],
  });
  assertEquals(decideMode(input(denied)).provider, undefined);
});

Deno.test("decideMode() refuses a provider that is not there, with the closest names", () => {
  const missing: Lookup = { kind: "not_found", message: "no such provider" };
  const error = refusal(missing, { name: "antropic", others: OTHERS });
  assertEquals(error.exitCode, 4);
  assertEquals(shown(error), {
    code: "not_found",
    message: 'provider "antropic" is not on this gateway',
    hint: "providers Claude Code can use: anthropic, bedrock",
  });
  assertEquals(error.suggest, {
    word: "antropic",
    among: ["anthropic", "bedrock"],
    show: "closest",
  });
  assertEquals(refusal(missing).hint, "choose another with --llmprovider NAME");
  assertEquals(refusal(missing, { printOnly: true }).exitCode, 4);
});

Deno.test("decideMode() says how to sign in when the token is refused", () => {
  const refused: Lookup = { kind: "unauthenticated", message: "token expired" };
  const error = refusal(refused);
  assertEquals(error.exitCode, 3);
  assertEquals(shown(error), {
    code: "unauthenticated",
    message: "the gateway refused the token: token expired",
    hint: "sign in with `ai-claude auth login`, or pass RPAI_TOKEN",
  });
  assertEquals(refusal(refused, { printOnly: true }).exitCode, 3);
  const hint = (tokenSource: string) => refusal(refused, { tokenSource }).hint;
  assertEquals(hint("stored login"), error.hint);
  assertEquals(hint("rpk ai auth token"), "sign in: rpk ai auth login");
  // Whoever is signed in, this token would be taken.
  for (const source of ["--token", "RPAI_TOKEN"]) {
    assertEquals(
      hint(source),
      "pass a fresh one, or leave it out to use the profile's login",
    );
  }
});

const DOWN: Lookup = {
  kind: "unavailable",
  message: "https://gw.example.com: no answer within 5 s",
};

Deno.test("decideMode() refuses an unreachable gateway, naming the URL and the cause", () => {
  for (const flags of [NO_FLAGS, PASSTHROUGH, BEDROCK]) {
    const error = refusal(DOWN, { flags });
    assertEquals(error.exitCode, 5);
    assertEquals(shown(error), {
      code: "unavailable",
      message:
        'cannot read provider "main" from https://gw.example.com: no answer within 5 s',
      hint: "check the URL, the network and proxy variables, then try again; " +
        "--print-settings works offline",
    });
  }
});

Deno.test("decideMode() falls back for --print-settings, as the flags say", () => {
  for (
    const [flags, mode] of [
      [NO_FLAGS, "managed"],
      [PASSTHROUGH, "passthrough"],
      [BEDROCK, "bedrock"],
    ] as const
  ) {
    assertEquals(decide(DOWN, { flags, printOnly: true }), {
      mode,
      warnings: [
        'cannot read provider "main" from https://gw.example.com: no answer within 5 s; ' +
        `showing ${mode} mode without it`,
      ],
    });
  }
});

Deno.test("wantsAlternatives() when a list would help with the error", () => {
  const wants = (lookup: Lookup | Provider, flags = NO_FLAGS) =>
    wantsAlternatives(input(lookup, { flags }));
  assertEquals(wants({ kind: "not_found", message: "" }), true);
  assertEquals(wants(provider({ type: "openai" })), true);
  assertEquals(wants(provider({ enabled: false })), true);
  assertEquals(wants(BEDROCK_RECORD, PASSTHROUGH), true);
});

Deno.test("wantsAlternatives() never when the decision needs no list", () => {
  const wants = (lookup: Lookup | Provider, flags = NO_FLAGS) =>
    wantsAlternatives(input(lookup, { flags }));
  assertEquals(
    [
      wants(MANAGED_RECORD),
      wants(MANAGED_RECORD, PASSTHROUGH),
      wants(PASSTHROUGH_RECORD),
      wants(BEDROCK_RECORD),
      wants(BEDROCK_RECORD, BEDROCK),
      wants({ kind: "permission_denied", message: "" }),
      wants({ kind: "unauthenticated", message: "" }),
      wants(DOWN),
    ],
    Array(8).fill(false),
  );
});

Deno.test("modeOf() is the type's, and the record's setting for anthropic", () => {
  const of = (type: string, passthrough = false) =>
    modeOf({ type, passthrough });
  assertEquals(of("anthropic"), "managed");
  assertEquals(of("anthropic", true), "passthrough");
  assertEquals(of("bedrock", true), "bedrock");
  assertEquals(of("openai"), undefined);
});
