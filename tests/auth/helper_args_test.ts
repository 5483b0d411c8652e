import { parseArgs } from "@std/cli/parse-args";
import { assertEquals } from "@std/assert";
import {
  PARSE_OPTIONS,
  splitShortFlags,
  toCommand,
} from "../../lib/cli/parse.ts";
import { readHelperArgs } from "../../lib/auth/helper_args.ts";
import {
  helperCommand,
  type HelperInput,
} from "../../lib/launch/helper_command.ts";
import { CHECKOUT } from "../support/fake_sys.ts";

/** What a helper command line runs the program with, as a shell reads it. */
async function argvOf(input: Partial<HelperInput>): Promise<string[]> {
  const command = helperCommand({
    runtime: { ...CHECKOUT, execPath: "/bin/ai-claude", standalone: true },
    platform: "linux",
    endpoint: "https://gw.example.com/base",
    ...input,
  });
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", `printf '%s\\0' ${command}`],
  }).output();
  return new TextDecoder().decode(stdout).split("\0").slice(1, -1);
}

const INPUTS: Partial<HelperInput>[] = [
  {},
  { configPath: "/home/me/.rpai/config", profile: "prod" },
  { configPath: "/home/it's me/a=b c\n$x", profile: "--odd -- name" },
  { client: { id: "ci", secretFile: "/run/secrets/a b" } },
  { client: {} },
];

Deno.test({
  name: "readHelperArgs() reads what a launch writes as the parser does",
  ignore: Deno.build.os === "windows", // it takes a POSIX shell
  fn: async () => {
    for (const input of INPUTS) {
      const argv = await argvOf(input);
      const flags = readHelperArgs(argv);
      assertEquals(flags?.["rpai-endpoint"], "https://gw.example.com/base");
      assertEquals(flags?.["rpai-profile"], input.profile);
      assertEquals(flags?.["client-secret-file"], input.client?.secretFile);
      const parsed = parseArgs(splitShortFlags(argv), PARSE_OPTIONS);
      assertEquals<unknown>({ kind: "auth-token", flags }, toCommand(parsed));
    }
  },
});

Deno.test("readHelperArgs() reads `auth token` alone", () => {
  assertEquals(readHelperArgs(["auth", "token"]), {});
});

Deno.test("readHelperArgs() leaves the rest to the parser", () => {
  const token = ["auth", "token"];
  const others = [
    [],
    ["auth"],
    ["auth", "status"],
    ["token"],
    ["--", "auth", "token"],
    ["--rpai-profile=a", "auth", "token"],
    [...token, "more"],
    [...token, "--"],
    [...token, "--help"],
    [...token, "-v"],
    [...token, "--rpai-profile", "a"],
    [...token, "--rpai-profile="],
    [...token, "--rpai-profile"],
    [...token, "--rpai-profile=a", "--rpai-profile=b"],
    [...token, "--profile=a"],
    [...token, "--token=a"],
    [...token, "--refresh-within=5m"],
    [...token, "--__proto__=a"],
  ];
  for (const argv of others) {
    assertEquals(readHelperArgs(argv), undefined, argv.join(" "));
  }
});
