import {
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import { type Options, resolveOptions } from "../../lib/profile/options.ts";
import {
  readTarget,
  selectProfile,
  type Target,
} from "../../lib/profile/active_profile.ts";
import { gatewayUrl } from "../../lib/gateway/gateway_url.ts";
import { fakeSys, shown } from "../support/fake_sys.ts";

const PATH = "/home/me/.rpai/config";
const CONFIG = `current_profile: prod
profiles:
  prod:
    ai_gateway_url: https://gw.example.com/
  local:
    ai_gateway_url: http://gw.internal:8080
    auth_mode: none
`;

function options(more: Partial<Options> = {}): Options {
  return {
    ...resolveOptions({}, fakeSys({ env: { HOME: "/home/me" } })),
    ...more,
  };
}

function read(
  more: Partial<Options> = {},
  files: Record<string, string | Error> = {},
) {
  return readTarget(options(more), fakeSys({ files }));
}

const refusalOf = async (promise: Promise<unknown>) =>
  shown(await assertRejects(() => promise, CliError));

Deno.test("readTarget() takes the current profile", async () => {
  assertEquals(await read({}, { [PATH]: CONFIG }), {
    profile: { name: "prod", gatewayUrl: "https://gw.example.com/" },
    authMode: "device",
    authModeByDefault: true,
    warnings: [],
  });
});

Deno.test("readTarget() takes the named profile before the current one", async () => {
  const { profile, authMode } = await read({ profile: "local" }, {
    [PATH]: CONFIG,
  });
  assertEquals([profile?.name, authMode], ["local", "none"]);
});

Deno.test("readTarget() needs neither file nor home directory", async () => {
  const none: Target = {
    profile: undefined,
    authMode: "device",
    authModeByDefault: true,
    warnings: [],
  };
  assertEquals(await read(), none);
  assertEquals(await read({ configPath: undefined }), none);
});

Deno.test("readTarget() takes a given auth mode before the profile's", async () => {
  const given = { value: "rpk", source: "--auth-mode" } as const;
  for (const profile of ["local", "prod"]) {
    const target = await read({ profile, authMode: given }, { [PATH]: CONFIG });
    assertEquals([target.authMode, target.authModeByDefault], [
      "rpk",
      undefined,
    ]);
  }
});

Deno.test("readTarget() takes a file without profiles for one of another program", async () => {
  const { profile, authModeByDefault, foreign } = await read({}, {
    [PATH]: "current_profile:\n  name: a\nenvironments: []\n",
  });
  assertEquals([profile, authModeByDefault, foreign], [undefined, true, true]);
});

Deno.test("readTarget() has no profile when none is current", async () => {
  const { profile, unchosen } = await read({}, {
    [PATH]: "profiles: {a: {model: m}, b: {}}",
  });
  assertEquals([profile, unchosen], [undefined, ["a", "b"]]);
});

Deno.test("readTarget() refuses a profile that is not there, listing those that are", async () => {
  const error = await assertRejects(
    () => read({ profile: "prdo" }, { [PATH]: CONFIG }),
    CliError,
  );
  assertEquals(error.exitCode, 4);
  assertEquals(shown(error), {
    code: "not_found",
    message: `profile "prdo" is not in ${PATH}`,
    hint: "profiles there: prod, local",
  });
  assertEquals(error.suggest, {
    word: "prdo",
    among: ["prod", "local"],
    show: "likely",
  });
});

Deno.test("readTarget() refuses a named profile without a file", async () => {
  assertEquals(await refusalOf(read({ profile: "prod" })), {
    code: "not_found",
    message: `profile "prod" is not in ${PATH}`,
    hint: "there are no profiles; ai-claude profile add NAME " +
      "--ai-gateway-url URL, or give --rpai-endpoint URL without one",
  });
  const { message } = await refusalOf(
    read({ profile: "prod", configPath: undefined }),
  );
  assertEquals(
    message,
    'profile "prod" is not in ~/.rpai/config (HOME is not set)',
  );
});

Deno.test("readTarget() refuses a current profile that is not there", async () => {
  const { code, message } = await refusalOf(
    read({}, { [PATH]: "current_profile: gone\nprofiles:\n" }),
  );
  assertEquals([code, message], [
    "not_found",
    `profile "gone" is not in ${PATH}`,
  ]);
});

Deno.test("readTarget() refuses a config file that was named and is not there", async () => {
  assertEquals(await refusalOf(read({ configPath: "/x", configNamed: true })), {
    code: "failure",
    message: "cannot read config /x: no such file",
    hint: "fix --rpai-config or RPAI_CONFIG, or make that file: ai-claude " +
      "profile add NAME --ai-gateway-url URL",
  });
});

Deno.test("readTarget() refuses a config file that cannot be read", async () => {
  const denied = new Error("Permission denied (os error 13): open");
  assertEquals(await refusalOf(read({}, { [PATH]: denied })), {
    code: "failure",
    message:
      `cannot read config ${PATH}: Permission denied (os error 13): open`,
    hint: "check the file's permissions, or name another with --rpai-config",
  });
});

Deno.test("readTarget() refuses a malformed config file, naming the line", async () => {
  const { code, message } = await refusalOf(
    read({}, { [PATH]: "a: b\nprofiles: [x]\n" }),
  );
  assertEquals(code, "failure");
  assertStringIncludes(message, "at line 2");
});

Deno.test("selectProfile() of nothing named is the only profile there is", () => {
  assertEquals(selectProfile(undefined, undefined, PATH), undefined);
  const config = (...names: string[]) => ({
    path: PATH,
    profiles: names.map((name) => ({ name })),
    foreign: false,
    warnings: [],
  });
  assertEquals(selectProfile(config("a", "b"), undefined, PATH), undefined);
  assertEquals(selectProfile(config(), undefined, PATH), undefined);
  assertEquals(selectProfile(config("a"), undefined, PATH)?.name, "a");
});

const DEVICE: Target = {
  profile: { name: "p" },
  authMode: "device",
  warnings: [],
};
const NONE: Target = { ...DEVICE, authMode: "none" };
const TOKEN = { value: "tok", source: "RPAI_TOKEN" };

function withUrl(target: Target, gatewayUrl: string): Target {
  return { ...target, profile: { name: "p", gatewayUrl } };
}

function urlRefusal(options: Options, target: Target) {
  return shown(assertThrows(() => gatewayUrl(options, target), CliError));
}

Deno.test("gatewayUrl() takes the endpoint before the profile's", () => {
  const target = withUrl(DEVICE, "https://profile.example.com");
  assertEquals(
    gatewayUrl(options({ endpoint: "https://flag.example.com/" }), target),
    "https://flag.example.com",
  );
  assertEquals(gatewayUrl(options(), target), "https://profile.example.com");
});

Deno.test("gatewayUrl() takes the endpoint without a profile", () => {
  const target: Target = { authMode: "device", warnings: [] };
  assertEquals(
    gatewayUrl(options({ endpoint: "http://127.0.0.1:80/" }), target),
    "http://127.0.0.1",
  );
});

Deno.test("gatewayUrl() refuses clear text when a token would be sent", () => {
  const endpoint = "http://gw.internal:8080";
  const message = (more: Partial<Options>, target: Target) =>
    urlRefusal(options(more), target).message;
  assertEquals(gatewayUrl(options({ endpoint }), NONE), endpoint);
  assertEquals(
    message({ endpoint }, DEVICE),
    `bad gateway URL "${endpoint}" (--rpai-endpoint): a token would travel in clear text`,
  );
  assertEquals(
    message({ endpoint, token: TOKEN }, NONE),
    `bad gateway URL "${endpoint}" (--rpai-endpoint): a token would travel in clear text`,
  );
  assertEquals(
    message({}, withUrl(DEVICE, endpoint)),
    `bad gateway URL "${endpoint}" (profile p): a token would travel in clear text`,
  );
});

Deno.test("gatewayUrl() says what to do when there is none", () => {
  const like = "https://aigw.<cluster-id>.clusters.rdpa.co";
  const none: Target = { authMode: "device", warnings: [] };
  assertEquals(urlRefusal(options(), none), {
    code: "usage",
    message: "no AI gateway: there is no profile and no --rpai-endpoint",
    hint: `ai-claude profile add NAME --ai-gateway-url ${like}; ` +
      "ai-claude auth login; ai-claude",
  });
  assertEquals(urlRefusal(options(), DEVICE), {
    code: "usage",
    message: 'no AI gateway: profile "p" has no ai_gateway_url',
    hint: `ai-claude profile set p ai_gateway_url=${like}`,
  });
  assertEquals(urlRefusal(options(), { ...none, unchosen: ["a", "b"] }), {
    code: "usage",
    message: "no AI gateway: no profile is the current one",
    hint: "ai-claude profile use NAME; profiles: a, b",
  });
  assertEquals(urlRefusal(options(), { ...none, foreign: true }), {
    code: "usage",
    message: `no AI gateway: ${PATH} is another program's, and there is no ` +
      "--rpai-endpoint",
    hint: "name a file of its own: set RPAI_CONFIG, then ai-claude profile " +
      `add NAME --ai-gateway-url ${like}`,
  });
});
