import { assertEquals, assertFalse } from "@std/assert";
import { helperCommand, selfCommand } from "../../lib/launch/helper_command.ts";
import type { DeviceLogin, Login } from "../../lib/auth/login.ts";
import { loginArguments } from "../../lib/auth/login_flags.ts";
import { quoteCmd, quoteSh } from "../../lib/base/quote_word.ts";
import type { Runtime, Sys } from "../../lib/system/sys.ts";
import { CHECKOUT } from "../support/fake_sys.ts";
import { posixTest } from "../support/strict_test.ts";

const DENO = "/usr/bin/deno";
const RUN = [DENO, "run", "--quiet", "--no-prompt", "-A"];

function runtime(mainModule: string, more: Partial<Runtime> = {}): Runtime {
  return { ...CHECKOUT, execPath: DENO, mainModule, ...more };
}

const ISOLATED = ["--no-config", "--no-lock"];
const PUBLISHED = "jsr:@rp/ai-claude@1.2.3";
const MIRROR = "https://mirror.example.com/@rp/ai-claude/1.2.3";

/** The words behind `deno run` for the program and for its helper. */
const STARTED: [mainModule: string, program: string[], helper: string[]][] = [
  [
    "file:///src/main.ts",
    ["--config", "/src/deno.json", "/src/main.ts"],
    ["--config", "/src/deno.json", "/src/lib/auth/helper.ts"],
  ],
  [
    "file:///my%20src/%C3%A4%25/main.ts",
    ["--config", "/my src/ä%/deno.json", "/my src/ä%/main.ts"],
    ["--config", "/my src/ä%/deno.json", "/my src/ä%/lib/auth/helper.ts"],
  ],
  ...[PUBLISHED, "https://jsr.io/@rp/ai-claude/1.2.3/main.ts"].map((
    mainModule,
  ): [string, string[], string[]] => [
    mainModule,
    [...ISOLATED, PUBLISHED],
    [...ISOLATED, `${PUBLISHED}/helper`],
  ]),
  // What merely looks like a registry is none: JSR has another package there.
  [
    `${MIRROR}/main.ts`,
    [...ISOLATED, `${MIRROR}/main.ts`],
    [...ISOLATED, `${MIRROR}/lib/auth/helper.ts`],
  ],
];

Deno.test("selfCommand() starts this very program, or its helper, again", () => {
  for (const [mainModule, program, helper] of STARTED) {
    const started = runtime(mainModule);
    assertEquals(selfCommand(started, "linux"), [...RUN, ...program]);
    assertEquals(selfCommand(started, "linux", "helper"), [...RUN, ...helper]);
  }
});

Deno.test("selfCommand() knows the registry of JSR_URL, a compiled program and Windows", () => {
  const jsrUrl = "http://127.0.0.1:8080/";
  const own = runtime(`${jsrUrl}@rp/ai-claude/1.2.3/main.ts`, { jsrUrl });
  assertEquals(selfCommand(own, "linux").at(-1), PUBLISHED);
  const compiled = runtime("file:///tmp/deno-compile-ai-claude/main.ts", {
    execPath: "/opt/ai-claude",
    standalone: true,
  });
  assertEquals(selfCommand(compiled, "linux"), ["/opt/ai-claude"]);
  const windows = runtime("file:///C:/my%20src/main.ts");
  assertEquals(selfCommand(windows, "windows").slice(-2), [
    "C:\\my src\\deno.json",
    "C:\\my src\\main.ts",
  ]);
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

function command(
  { login = LOGIN, ...machine }: Partial<Sys> & { login?: Login } = {},
): string {
  return helperCommand(login, {
    runtime: runtime("file:///opt/ai-claude", {
      execPath: "/opt/ai-claude",
      standalone: true,
    }),
    platform: "linux",
    env: { HOME: "/home/me" },
    ...machine,
  });
}

/** A command line behind what fixes its variables. */
function program(line: string): string {
  const [, rest] = line.split(" HOME=/home/me ");
  return rest;
}

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
  "helperCommand() survives the shell in every way of running",
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
    const isolated = [...ISOLATED, `${PUBLISHED}/helper`];
    const run = ["run", "--quiet", "--no-prompt", "-A"];
    const ways: [Runtime, string[]][] = [
      [
        runtime(url.href, { execPath }),
        [...run, "--config", `${folder}/deno.json`, helper],
      ],
      [runtime(PUBLISHED, { execPath }), [...run, ...isolated]],
      [
        runtime(url.href, { execPath, standalone: true }),
        ["auth", "token"],
      ],
    ];
    for (const [started, words] of ways) {
      const line = command({ runtime: started, login });
      const given = await shellWords(line);
      assertEquals(given.slice(given.indexOf(execPath)), [
        execPath,
        ...words,
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

Deno.test("quoteCmd() quotes what cmd and the C runtime would split, or cmd expand", () => {
  const plain = ["deno", "--x=https://gw", "C:\\bin\\deno.exe", "a@b+c,d"];
  assertEquals(plain.map(quoteCmd), plain);
  const quoted = {
    "C:\\Program Files\\deno.exe": '"C:\\Program Files\\deno.exe"',
    "": '""',
    "a&b|c>d<e^f": '"a&b|c>d<e^f"',
    "C:\\my dir\\": '"C:\\my dir\\\\"',
    "it's": '"it\'s"',
    "50%": '"50"^%""',
    "%PATH% x": '""^%"PATH"^%" x"',
  };
  assertEquals(Object.keys(quoted).map(quoteCmd), Object.values(quoted));
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
  const words = ["a&b", "50% | x", "(a)", '"', 'a"&calc', 'a\\"&calc&"'];
  for (const word of [...words, '"%PATH%"']) {
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
