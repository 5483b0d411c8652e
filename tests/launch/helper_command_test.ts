import { assertEquals, assertFalse } from "@std/assert";
import {
  helperCommand,
  type HelperInput,
  selfCommand,
} from "../../lib/launch/helper_command.ts";
import type { DeviceLogin } from "../../lib/auth/login.ts";
import { loginArguments } from "../../lib/auth/login_flags.ts";
import { quoteCmd, quoteSh } from "../../lib/base/quote_word.ts";
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

const LOGIN: DeviceLogin = {
  authMode: "device",
  server: {
    issuer: "https://login.example.com",
    clientId: "cli",
    audience: "aud",
    organization: "org",
  },
  credentials: "/home/me/.rpai/ai-claude.credentials.json",
};

function command(more: Partial<HelperInput> = {}): string {
  return helperCommand({
    runtime: runtime("file:///opt/ai-claude", {
      execPath: "/opt/ai-claude",
      standalone: true,
    }),
    platform: "linux",
    login: LOGIN,
    env: { HOME: "/home/me" },
    ...more,
  });
}

/** A command line behind what fixes its variables. */
function program(line: string): string {
  const [, rest] = line.split(" HOME=/home/me ");
  return rest;
}

Deno.test("selfCommand() of the helper is the module of its own", () => {
  const helper = (mainModule: string, more?: Partial<Runtime>) =>
    selfCommand(runtime(mainModule, more), "linux", "helper");
  assertEquals(helper("file:///src/main.ts"), [
    ...RUN,
    ...["--config", "/src/deno.json", "/src/lib/auth/helper.ts"],
  ]);
  const isolated = [...RUN, "--no-config", "--no-lock"];
  const published = [...isolated, "jsr:@rp/ai-claude@1.2.3/helper"];
  assertEquals(helper("jsr:@rp/ai-claude@1.2.3"), published);
  const path = "@rp/ai-claude/1.2.3/main.ts";
  assertEquals(helper(`https://jsr.io/${path}`), published);
  const jsrUrl = "http://127.0.0.1:8080/";
  assertEquals(helper(`${jsrUrl}${path}`, { jsrUrl }), published);
  // What merely looks like a registry is none: JSR has another package there.
  assertEquals(helper(`https://mirror.example.com/${path}`), [
    ...isolated,
    "https://mirror.example.com/@rp/ai-claude/1.2.3/lib/auth/helper.ts",
  ]);
});

Deno.test("helperCommand() of a compiled program is `auth token` with the login", () => {
  assertEquals(
    program(command()),
    "/opt/ai-claude auth token --auth-mode=device " +
      "--issuer=https://login.example.com --client-id=cli --audience=aud " +
      "--organization=org " +
      "--credentials=/home/me/.rpai/ai-claude.credentials.json",
  );
  assertEquals(
    program(command({ login: { authMode: "none" } })),
    "/opt/ai-claude auth token --auth-mode=none",
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
    const helper = `${folder}/lib/auth/helper.ts`;
    const credentials = `${folder}/credentials`;
    const login: DeviceLogin = {
      ...LOGIN,
      server: { ...LOGIN.server, organization: "the `org` $x 'one'\n&" },
      credentials,
    };
    const options = loginArguments(login);
    assertEquals(options.at(-1), `--credentials=${credentials}`);
    for (
      const [started, words] of [
        [
          runtime(url.href, { execPath }),
          ["--config", `${folder}/deno.json`, helper],
        ],
        [
          runtime("https://jsr.io/@rp/ai-claude/1.2.3/main.ts", { execPath }),
          ["--no-config", "--no-lock", "jsr:@rp/ai-claude@1.2.3/helper"],
        ],
        [
          runtime("jsr:@rp/ai-claude@1.2.3", { execPath }),
          ["--no-config", "--no-lock", "jsr:@rp/ai-claude@1.2.3/helper"],
        ],
        [runtime(url.href, { execPath, standalone: true }), undefined],
      ] as const
    ) {
      const line = command({ runtime: started, login });
      const given = await shellWords(line);
      assertEquals(given.slice(given.indexOf(execPath)), [
        execPath,
        ...(words === undefined
          ? ["auth", "token"]
          : ["run", "--quiet", "--no-prompt", "-A", ...words]),
        ...options,
      ]);
    }
  },
);

posixTest(
  "helperCommand() gives the helper the launch's own variables",
  async () => {
    const dir = await Deno.makeTempDir();
    const execPath = `${dir}/show`;
    await Deno.writeTextFile(execPath, "#!/bin/sh\nenv -0\n", { mode: 0o755 });
    const env = {
      HOME: "/home/a@b",
      DENO_DIR: 'it\'s "here"',
      NPM_CONFIG_REGISTRY: "https://me:secret@registry.example.com/",
      RPAI_TOKEN: "the-token",
      OTHER: "launch",
    };
    const line = command({
      runtime: runtime("file:///", { execPath, standalone: true }),
      env,
    });
    assertFalse(line.includes("secret") || line.includes("the-token"));
    const evil = Object.fromEntries(
      ["NODE_OPTIONS", "JSR_URL", "DENO_CERT", "RPAI_TOKEN", "XDG_CACHE_HOME"]
        .concat(Object.keys(env)).map((name) => [name, "evil"]),
    );
    const { stdout } = await new Deno.Command("/bin/sh", {
      args: ["-c", line],
      clearEnv: true,
      env: evil,
    }).output();
    await Deno.remove(dir, { recursive: true });
    const seen = new TextDecoder().decode(stdout).split("\0")
      .filter((entry) => !/^(?:PWD|OLDPWD|SHLVL|_)?(?:=|$)/.test(entry));
    assertEquals(seen.sort(), [
      'DENO_DIR=it\'s "here"',
      "HOME=/home/a@b",
      // The overlay keeps a project's value out.
      "NPM_CONFIG_REGISTRY=evil",
      "OTHER=evil",
    ]);
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
    login: {
      ...LOGIN,
      credentials: "C:\\Users\\Zo e\\.rpai\\ai-claude.credentials.json",
    },
  });
  assertEquals(
    line,
    '"C:\\Program Files\\deno\\deno.exe" run --quiet --no-prompt -A ' +
      '--config "C:\\my src\\deno.json" "C:\\my src\\lib\\auth\\helper.ts" ' +
      "--auth-mode=device --issuer=https://login.example.com " +
      "--client-id=cli --audience=aud --organization=org " +
      '"--credentials=C:\\Users\\Zo e\\.rpai\\ai-claude.credentials.json"',
  );
  assertFalse(line.includes("'"), "cmd knows no single quotes");
});
