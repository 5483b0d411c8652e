import { assertEquals, assertThrows } from "@std/assert";
import type { Flags } from "../../lib/profile/flags.ts";
import { CliError } from "../../lib/base/errors.ts";
import { AUTH_MODES } from "../../lib/profile/config.ts";
import { absolutePath } from "../../lib/system/find_program.ts";
import { FORMATS } from "../../lib/base/format.ts";
import { resolveOptions } from "../../lib/profile/options.ts";
import { fakeSys, shown } from "../support/fake_sys.ts";

function resolve(flags: Flags, env: Record<string, string> = {}) {
  return resolveOptions(flags, fakeSys({ env: { HOME: "/home/me", ...env } }));
}

Deno.test("resolveOptions() has defaults", () => {
  assertEquals(resolve({}), {
    format: "table",
    color: true,
    verbose: false,
    configPath: "/home/me/.rpai/config",
    configNamed: false,
  });
});

Deno.test("resolveOptions() reads the environment", () => {
  assertEquals(
    resolve({}, {
      RPAI_FORMAT: "yaml",
      RPAI_CONFIG: "/etc/rpai",
      RPAI_PROFILE: "dev",
      RPAI_TOKEN: "tok",
      RPAI_VERBOSE: "1",
      NO_COLOR: "1",
      RPAI_ENDPOINT: "https://ignored.example",
    }),
    {
      format: "yaml",
      color: false,
      verbose: true,
      configPath: "/etc/rpai",
      configNamed: true,
      profile: "dev",
      profileFrom: "RPAI_PROFILE",
      token: { value: "tok", source: "RPAI_TOKEN" },
    },
  );
});

Deno.test("resolveOptions() lets a flag win over its variable", () => {
  assertEquals(
    resolve({
      format: "json",
      "rpai-config": "/flag",
      "rpai-profile": "prod",
      "rpai-endpoint": "https://gw.example.com",
      token: "flag-token",
      "rpai-verbose": true,
      "no-color": true,
    }, {
      RPAI_FORMAT: "bogus",
      RPAI_CONFIG: "/env",
      RPAI_PROFILE: "dev",
      RPAI_TOKEN: "env-token",
      RPAI_VERBOSE: "0",
    }),
    {
      format: "json",
      color: false,
      verbose: true,
      configPath: "/flag",
      configNamed: true,
      profile: "prod",
      profileFrom: "--rpai-profile",
      endpoint: "https://gw.example.com",
      token: { value: "flag-token", source: "--token" },
    },
  );
});

Deno.test("resolveOptions() takes an empty variable for an unset one", () => {
  const names = [
    "FORMAT",
    "CONFIG",
    "PROFILE",
    "TOKEN",
    "VERBOSE",
    "AUTH_MODE",
  ];
  const env = Object.fromEntries(names.map((name) => [`RPAI_${name}`, ""]));
  assertEquals(resolve({}, { ...env, NO_COLOR: "" }), resolve({}));
});

Deno.test("resolveOptions() finds the config file", () => {
  const pathOf = (flags: Flags, sys: Parameters<typeof fakeSys>[0]) =>
    resolveOptions(flags, fakeSys(sys)).configPath;
  assertEquals(pathOf({}, {}), undefined, "without a home directory");
  assertEquals(
    pathOf({}, {
      platform: "windows",
      env: { USERPROFILE: "C:\\Users\\me" },
    }),
    "C:\\Users\\me\\.rpai\\config",
  );
  assertEquals(
    pathOf({ "rpai-config": "my/config" }, {}),
    "/src/project/my/config",
  );
  assertEquals(pathOf({}, { env: { RPAI_CONFIG: "c" } }), "/src/project/c");
});

Deno.test("resolveOptions() takes a format and an auth mode of the list, the flag's first", () => {
  assertEquals(FORMATS, ["table", "wide", "json", "yaml", "markdown"]);
  for (const format of FORMATS) {
    assertEquals(resolve({ format }).format, format);
    assertEquals(resolve({}, { RPAI_FORMAT: format }).format, format);
  }
  for (const value of AUTH_MODES) {
    const env = { RPAI_AUTH_MODE: value };
    const byVariable = { value, source: "RPAI_AUTH_MODE" };
    assertEquals(resolve({}, env).authMode, byVariable);
    const byFlag = { value, source: "--auth-mode" };
    assertEquals(resolve({ "auth-mode": value }, env).authMode, byFlag);
  }
});

Deno.test("resolveOptions() refuses any other, naming where it was said", () => {
  const formats = "formats: table, wide, json, yaml, markdown";
  const modes = "auth modes: device, rpk, client_credentials, token, none";
  const cases: [Flags, Record<string, string>, string, string][] = [
    [{ format: "jsn" }, {}, 'unknown format "jsn" (--format)', formats],
    [
      {},
      { RPAI_FORMAT: "JSON" },
      'unknown format "JSON" (RPAI_FORMAT)',
      formats,
    ],
    [
      { "auth-mode": "devise" },
      {},
      'unknown auth mode "devise" (--auth-mode)',
      modes,
    ],
    [
      {},
      { RPAI_AUTH_MODE: "devise" },
      'unknown auth mode "devise" (RPAI_AUTH_MODE)',
      modes,
    ],
  ];
  for (const [flags, env, message, hint] of cases) {
    const error = assertThrows(() => resolve(flags, env), CliError);
    assertEquals(shown(error), { code: "usage", message, hint });
    assertEquals(error.suggest, {
      word: /"(.*)"/.exec(message)![1],
      among: hint === formats ? FORMATS : AUTH_MODES,
      show: "likely",
    });
  }
});

Deno.test("resolveOptions() takes a timeout between 1 s and 1 h", () => {
  assertEquals(resolve({ timeout: "20" }).timeoutMs, 20_000);
  assertEquals(resolve({ timeout: "2m" }).timeoutMs, 120_000);
  for (const timeout of ["0", "2h", "soon", "-1", "1.5", "5 s"]) {
    const error = assertThrows(() => resolve({ timeout }), CliError);
    assertEquals(error.code, "usage");
    assertEquals(error.message, `bad duration "${timeout}" (--timeout)`);
    assertEquals(/1h$/.test(error.hint ?? ""), true, error.hint);
  }
});

Deno.test("resolveOptions() reads RPAI_VERBOSE as a yes or no, and any NO_COLOR as a no", () => {
  for (const no of ["", "0", "false", "FALSE", "no", "No"]) {
    assertEquals(resolve({}, { RPAI_VERBOSE: no }).verbose, false, no);
  }
  for (const yes of ["1", "true", "yes", "debug"]) {
    assertEquals(resolve({}, { RPAI_VERBOSE: yes }).verbose, true, yes);
  }
  // As no-color.org says.
  for (const value of ["1", "0", "false"]) {
    assertEquals(resolve({}, { NO_COLOR: value }).color, false, value);
  }
});

Deno.test("absolutePath() keeps an absolute path", () => {
  const unix = fakeSys({ cwd: "/src" });
  assertEquals(absolutePath("/a/b", unix), "/a/b");
  assertEquals(absolutePath("a/b", unix), "/src/a/b");
  assertEquals(absolutePath("C:\\a", unix), "/src/C:\\a");
  const windows = fakeSys({ platform: "windows", cwd: "C:\\work" });
  for (const path of ["C:\\a", "d:/a", "\\\\host\\share"]) {
    assertEquals(absolutePath(path, windows), path);
  }
  assertEquals(absolutePath("a\\b", windows), "C:\\work\\a\\b");
});
