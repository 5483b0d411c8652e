import { parseArgs } from "@std/cli/parse-args";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { authServer } from "../../lib/auth/auth_server.ts";
import type { Login } from "../../lib/auth/login.ts";
import {
  LOGIN_FLAGS,
  loginArguments,
  type LoginFlags,
  loginFromFlags,
  namesLogin,
} from "../../lib/auth/login_flags.ts";
import { CliError } from "../../lib/base/errors.ts";
import { toCommand } from "../../lib/cli/parse.ts";

const credentials = "/home/it's me/a=b c\n$x";
const server = authServer(undefined);
const OWN = {
  issuer: "https://login.example.com/realm",
  clientId: "--odd -- id",
  audience: "aud",
};
const LOGINS: Login[] = [
  { authMode: "none" },
  { authMode: "rpk", rpk: "/opt/r p k" },
  { authMode: "device", server, credentials },
  {
    authMode: "device",
    server: { ...OWN, organization: "--org=1" },
    credentials,
  },
  {
    authMode: "client_credentials",
    server: { ...server, audience: "aud" },
    credentials,
    clientId: "ci",
    secretFile: "/run/secrets/a b",
  },
];

Deno.test("loginFromFlags() reads what loginArguments() writes", () => {
  for (const login of LOGINS) {
    const argv = loginArguments(login);
    const { _: words, ...parsed } = parseArgs(argv, {
      string: [...LOGIN_FLAGS],
    });
    assertEquals(words, []);
    const flags = Object.fromEntries(
      Object.entries(parsed).filter(([, value]) => value !== undefined),
    ) as LoginFlags;
    const expected = { organization: undefined, secretFile: undefined };
    const read = loginFromFlags(flags, "linux");
    assertEquals({ ...expected, ...read }, { ...expected, ...login });
    assert(namesLogin(flags), "and no profile is asked");
  }
});

Deno.test("loginFromFlags() reads what the whole command line's parser makes of it", () => {
  for (const login of LOGINS) {
    const argv = ["auth", "token", ...loginArguments(login)];
    const command = toCommand(argv, parseArgs);
    assert(command.kind === "auth-token");
    const again = loginArguments(loginFromFlags(command.flags, "linux"));
    assertEquals(again, loginArguments(login));
  }
});

Deno.test("loginFromFlags() refuses what cannot be meant, naming the flag", () => {
  const device = {
    "auth-mode": "device",
    issuer: "https://login.example.com",
    "client-id": "cli",
    audience: "aud",
    credentials: "/c",
  };
  const machine = { ...device, "auth-mode": "client_credentials" };
  const bad: [LoginFlags, string][] = [
    [{}, "--auth-mode"],
    [{ "auth-mode": "oauth" }, '"oauth" (--auth-mode)'],
    [{ "auth-mode": "rpk" }, "--rpk"],
    [{ "auth-mode": "rpk", rpk: "rpk" }, '--rpk "rpk" is not an absolute'],
    [{ ...device, issuer: undefined }, "--issuer"],
    [{ ...device, issuer: "http://login.example.com" }, "(--issuer)"],
    [{ ...device, "client-id": "" }, "--client-id"],
    [{ ...device, audience: undefined }, "--audience"],
    [{ ...device, organization: "" }, "--organization"],
    [{ ...device, credentials: undefined }, "--credentials"],
    [{ ...device, credentials: "c.json" }, "not an absolute path"],
    [{ ...machine, "client-id": undefined }, "--client-id"],
    [{ ...machine, "client-secret-file": "" }, "--client-secret-file"],
    [{ ...machine, "client-secret-file": "s" }, "not an absolute path"],
  ];
  for (const [flags, words] of bad) {
    const error = assertThrows(
      () => loginFromFlags(flags, "linux"),
      CliError,
      words,
    );
    assertEquals(error.code, "usage");
  }
});

Deno.test("namesLogin() leaves the rest to the profile", () => {
  for (const flags of [{}, { "auth-mode": "device" }, { "client-id": "ci" }]) {
    assertEquals(namesLogin(flags), false);
  }
});
