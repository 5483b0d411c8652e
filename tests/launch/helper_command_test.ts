import { assertEquals, assertFalse } from "@std/assert";
import {
  helperCommand,
  type HelperInput,
  quoteCmd,
  quoteSh,
  selfCommand,
} from "../../lib/launch/helper_command.ts";
import type { Runtime } from "../../lib/system/sys.ts";
import { CHECKOUT } from "../support/fake_sys.ts";
import { posixTest } from "../support/strict_test.ts";

const DENO = "/usr/bin/deno";
const RUN = [DENO, "run", "--quiet", "--no-prompt", "-A"];

function runtime(mainModule: string, more: Partial<Runtime> = {}): Runtime {
  return { ...CHECKOUT, execPath: DENO, mainModule, ...more };
}

Deno.test("selfCommand() from a checkout uses the checkout's own config", () => {
  assertEquals(
    selfCommand(runtime("file:///src/ai-claude/main.ts"), "linux"),
    [
      ...RUN,
      "--config",
      "/src/ai-claude/deno.json",
      "/src/ai-claude/main.ts",
    ],
  );
});

Deno.test("selfCommand() from JSR calls the same version, without the project's config", () => {
  const mainModule = "https://jsr.io/@rp/ai-claude/1.2.3/main.ts";
  assertEquals(selfCommand(runtime(mainModule), "linux"), [
    ...RUN,
    "--no-config",
    "--no-lock",
    "jsr:@rp/ai-claude@1.2.3",
  ]);
});

Deno.test("selfCommand() from `deno install -g` is the installed module's", () => {
  assertEquals(
    selfCommand(runtime("jsr:@rp/ai-claude@1.2.3"), "linux"),
    [
      ...RUN,
      "--no-config",
      "--no-lock",
      "jsr:@rp/ai-claude@1.2.3",
    ],
  );
  assertEquals(
    selfCommand(runtime("file:///opt/x/main.ts"), "linux").slice(-3),
    [
      "--config",
      "/opt/x/deno.json",
      "/opt/x/main.ts",
    ],
  );
});

Deno.test("selfCommand() from another server is that URL", () => {
  const mainModule = "https://mirror.example.com/ai-claude/main.ts";
  assertEquals(selfCommand(runtime(mainModule), "linux").slice(-3), [
    "--no-config",
    "--no-lock",
    mainModule,
  ]);
});

Deno.test("selfCommand() of a compiled program is the program", () => {
  const compiled = runtime("file:///tmp/deno-compile-ai-claude/main.ts", {
    execPath: "/opt/ai-claude",
    standalone: true,
  });
  assertEquals(selfCommand(compiled, "linux"), ["/opt/ai-claude"]);
});

Deno.test("selfCommand() decodes file URLs, on Windows to its own paths", () => {
  assertEquals(
    selfCommand(runtime("file:///my%20src/%C3%A4%25/main.ts"), "linux")
      .slice(-2),
    ["/my src/ä%/deno.json", "/my src/ä%/main.ts"],
  );
  assertEquals(
    selfCommand(runtime("file:///C:/my%20src/main.ts"), "windows")
      .slice(-2),
    ["C:\\my src\\deno.json", "C:\\my src\\main.ts"],
  );
});

function command(more: Partial<HelperInput> = {}): string {
  return helperCommand({
    runtime: runtime("file:///opt/ai-claude", {
      execPath: "/opt/ai-claude",
      standalone: true,
    }),
    platform: "linux",
    endpoint: "https://gw.example.com",
    ...more,
  });
}

Deno.test("helperCommand() carries config, profile and endpoint", () => {
  assertEquals(
    command({ configPath: "/home/me/.rpai/config", profile: "prod" }),
    "/opt/ai-claude auth token --rpai-config=/home/me/.rpai/config " +
      "--rpai-profile=prod --rpai-endpoint=https://gw.example.com",
  );
});

Deno.test("helperCommand() leaves out what there is none of", () => {
  assertEquals(
    command(),
    "/opt/ai-claude auth token --rpai-endpoint=https://gw.example.com",
  );
});

/** What a real shell makes of a command line. */
async function shellWords(line: string): Promise<string[]> {
  const { code, stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", `printf '%s\\0' ${line}`],
    clearEnv: true,
    env: { HOME: "/wrong", x: "wrong" },
  }).output();
  assertEquals(code, 0);
  return new TextDecoder().decode(stdout).split("\0").slice(0, -1);
}

const AWKWARD = [
  "plain-word_1.2:3/4@5%6+7=8,9",
  "two words",
  "  ",
  "",
  "it's",
  "''",
  '"quoted"',
  "$x $HOME ${x} $(echo no)",
  "`echo no`",
  "back\\slash\\",
  "*",
  "~",
  "~/x",
  "#no comment",
  "a;b&c|d>e<f",
  "!x",
  "{a,b}",
  "line\nbreak",
  "tab\t",
  "ünïcode 日本",
  "-n",
];

posixTest("quoteSh() gives the shell every word back", async () => {
  assertEquals(await shellWords(AWKWARD.map(quoteSh).join(" ")), AWKWARD);
});

posixTest(
  "helperCommand() survives the shell in all four ways of running",
  async () => {
    const folder = `/my "src" $x it's \`no\``;
    const execPath = `${folder}/deno`;
    const url = new URL("file:///");
    url.pathname = `${folder}/main.ts`;
    const configPath = `${folder}/config`;
    const profile = "the `prod` $x 'one'";
    const options = [
      "auth",
      "token",
      `--rpai-config=${configPath}`,
      `--rpai-profile=${profile}`,
      "--rpai-endpoint=https://gw.example.com/a?b&c",
    ];
    for (
      const [started, words] of [
        [
          runtime(url.href, { execPath }),
          ["--config", `${folder}/deno.json`, `${folder}/main.ts`],
        ],
        [
          runtime("https://jsr.io/@rp/ai-claude/1.2.3/main.ts", { execPath }),
          ["--no-config", "--no-lock", "jsr:@rp/ai-claude@1.2.3"],
        ],
        [
          runtime("jsr:@rp/ai-claude@1.2.3", { execPath }),
          ["--no-config", "--no-lock", "jsr:@rp/ai-claude@1.2.3"],
        ],
        [runtime(url.href, { execPath, standalone: true }), undefined],
      ] as const
    ) {
      const line = command({
        runtime: started,
        configPath,
        profile,
        endpoint: "https://gw.example.com/a?b&c",
      });
      assertEquals(await shellWords(line), [
        execPath,
        ...(words === undefined
          ? []
          : ["run", "--quiet", "--no-prompt", "-A", ...words]),
        ...options,
      ]);
    }
  },
);

Deno.test("quoteCmd() leaves plain words alone", () => {
  for (
    const word of [
      "deno",
      "--rpai-endpoint=https://gw",
      "C:\\bin\\deno.exe",
      "a@b+c,d",
    ]
  ) {
    assertEquals(quoteCmd(word), word);
  }
});

Deno.test("quoteCmd() quotes what cmd and the C runtime would split", () => {
  assertEquals(
    quoteCmd("C:\\Program Files\\deno.exe"),
    '"C:\\Program Files\\deno.exe"',
  );
  assertEquals(quoteCmd(""), '""');
  assertEquals(quoteCmd("a&b|c>d<e^f"), '"a&b|c>d<e^f"');
  assertEquals(quoteCmd("C:\\my dir\\"), '"C:\\my dir\\\\"');
  assertEquals(quoteCmd("it's"), '"it\'s"');
});

Deno.test("quoteCmd() keeps cmd from expanding a variable", () => {
  assertEquals(quoteCmd("50%"), '"50"^%""');
  assertEquals(quoteCmd("%PATH% x"), '""^%"PATH"^%" x"');
});

/** The operators that `cmd` would act on: those outside quotes without a caret. */
function cmdOperators(line: string): string[] {
  const found: string[] = [];
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    if (line[i] === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (line[i] === "^") i++;
    else if ("&|<>()%\n".includes(line[i])) found.push(line[i]);
  }
  return found;
}

Deno.test("quoteCmd() lets cmd see no operator, not even after a quote", () => {
  for (
    const word of [
      "a&b",
      "50% | x",
      "(a)",
      '"',
      'a"&calc',
      'a\\"&calc&"',
      '"%PATH%"',
    ]
  ) {
    assertEquals(cmdOperators(quoteCmd(word)), [], word);
  }
});

Deno.test("helperCommand() quotes for cmd on Windows", () => {
  const line = command({
    platform: "windows",
    runtime: runtime("file:///C:/my%20src/main.ts", {
      execPath: "C:\\Program Files\\deno\\deno.exe",
    }),
    configPath: "C:\\Users\\Zo e\\.rpai\\config",
    profile: "prod",
  });
  assertEquals(
    line,
    '"C:\\Program Files\\deno\\deno.exe" run --quiet --no-prompt -A ' +
      '--config "C:\\my src\\deno.json" "C:\\my src\\main.ts" auth token ' +
      '"--rpai-config=C:\\Users\\Zo e\\.rpai\\config" --rpai-profile=prod ' +
      "--rpai-endpoint=https://gw.example.com",
  );
  assertFalse(line.includes("'"), "cmd knows no single quotes");
});
