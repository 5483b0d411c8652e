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
  const env = {
    RPAI_FORMAT: "",
    RPAI_CONFIG: "",
    RPAI_PROFILE: "",
    RPAI_TOKEN: "",
    RPAI_VERBOSE: "",
    NO_COLOR: "",
  };
  assertEquals(resolve({}, env), resolve({}));
});

Deno.test("resolveOptions() has no config path without a home directory", () => {
  const options = resolveOptions({}, fakeSys());
  assertEquals(options.configPath, undefined);
  assertEquals(options.configNamed, false);
});

Deno.test("resolveOptions() makes a named config path absolute", () => {
  assertEquals(
    resolve({ "rpai-config": "my/config" }).configPath,
    "/src/project/my/config",
  );
  assertEquals(resolve({}, { RPAI_CONFIG: "c" }).configPath, "/src/project/c");
});

Deno.test("resolveOptions() finds the config file on Windows", () => {
  const sys = fakeSys({
    platform: "windows",
    env: { USERPROFILE: "C:\\Users\\me" },
  });
  assertEquals(
    resolveOptions({}, sys).configPath,
    "C:\\Users\\me\\.rpai\\config",
  );
});

Deno.test("resolveOptions() knows the five formats", () => {
  assertEquals(FORMATS, ["table", "wide", "json", "yaml", "markdown"]);
  for (const format of FORMATS) {
    assertEquals(resolve({ format }).format, format);
    assertEquals(resolve({}, { RPAI_FORMAT: format }).format, format);
  }
});

Deno.test("resolveOptions() refuses any other format, naming where it was said", () => {
  const refusal = (flags: Flags, env = {}) =>
    assertThrows(() => resolve(flags, env), CliError);
  const error = refusal({ format: "jsn" });
  assertEquals(shown(error), {
    code: "usage",
    message: 'unknown format "jsn" (--format)',
    hint: "formats: table, wide, json, yaml, markdown",
  });
  assertEquals(error.suggest, { word: "jsn", among: FORMATS, show: "likely" });
  assertEquals(
    refusal({}, { RPAI_FORMAT: "JSON" }).message,
    'unknown format "JSON" (RPAI_FORMAT)',
  );
});

Deno.test("resolveOptions() takes an auth mode of the list, the flag's first", () => {
  assertEquals(resolve({}).authMode, undefined);
  for (const value of AUTH_MODES) {
    const env = { RPAI_AUTH_MODE: value };
    assertEquals(resolve({}, env).authMode, {
      value,
      source: "RPAI_AUTH_MODE",
    });
    assertEquals(resolve({ "auth-mode": value }, env).authMode, {
      value,
      source: "--auth-mode",
    });
  }
  for (
    const [flags, env, from] of [
      [{ "auth-mode": "devise" }, {}, "--auth-mode"],
      [{}, { RPAI_AUTH_MODE: "devise" }, "RPAI_AUTH_MODE"],
    ] as const
  ) {
    const error = assertThrows(() => resolve(flags, env), CliError);
    assertEquals(shown(error), {
      code: "usage",
      message: `unknown auth mode "devise" (${from})`,
      hint: "auth modes: device, rpk, client_credentials, token, none",
    });
    assertEquals(error.suggest?.word, "devise");
  }
});

Deno.test("resolveOptions() takes a timeout between 1 s and 1 h", () => {
  assertEquals(resolve({}).timeoutMs, undefined);
  assertEquals(resolve({ timeout: "20" }).timeoutMs, 20_000);
  assertEquals(resolve({ timeout: "2m" }).timeoutMs, 120_000);
  for (const timeout of ["0", "2h", "soon", "-1", "1.5", "5 s"]) {
    const error = assertThrows(() => resolve({ timeout }), CliError);
    assertEquals(error.code, "usage");
    assertEquals(error.message, `bad duration "${timeout}" (--timeout)`);
    assertEquals(/1h$/.test(error.hint ?? ""), true, error.hint);
  }
});

Deno.test("resolveOptions() reads RPAI_VERBOSE as a yes or no", () => {
  for (const no of ["", "0", "false", "FALSE", "no", "No"]) {
    assertEquals(resolve({}, { RPAI_VERBOSE: no }).verbose, false, no);
  }
  for (const yes of ["1", "true", "yes", "debug"]) {
    assertEquals(resolve({}, { RPAI_VERBOSE: yes }).verbose, true, yes);
  }
});

Deno.test("resolveOptions() takes any NO_COLOR for a no, as no-color.org says", () => {
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
