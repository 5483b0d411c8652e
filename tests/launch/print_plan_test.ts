import { assertEquals, assertFalse, assertStrictEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { FORMATS } from "../../lib/base/format.ts";
import type { LaunchPlan } from "../../lib/launch/plan.ts";
import { planDocument, renderPlan } from "../../lib/launch/print_plan.ts";

const TOKEN = "hunter2secret";
const SETTINGS = {
  apiKeyHelper: "/opt/ai-claude auth token",
  env: {
    ANTHROPIC_BASE_URL: "https://gw.example.com/p",
    ANTHROPIC_API_KEY: "",
  },
};
const PLAN: LaunchPlan = {
  endsWithLauncher: false,
  mode: "passthrough",
  provider: "main",
  model: "opus",
  settings: SETTINGS,
  env: {
    PATH: "/usr/bin",
    LANG: "C.UTF-8",
    RPAI_TOKEN: TOKEN,
    MY_OWN: `${TOKEN}-2`,
    ANTHROPIC_CUSTOM_HEADERS: `X-Team: a\nX-Redpanda-Cloud-Token: ${TOKEN}`,
    ANTHROPIC_BASE_URL: "https://gw.example.com/p",
  },
  findings: [],
  removed: [
    { name: "CLAUDE_CODE_USE_VERTEX", why: "selects another cloud provider" },
    { name: "ANTHROPIC_API_KEY", why: "a key of the user's own" },
  ],
  args: [
    "--settings",
    JSON.stringify(SETTINGS),
    "--model",
    "opus",
    "-p",
    `say ${TOKEN}`,
  ],
  warnings: ["first", "second"],
};
const CONTEXT = {
  env: { PATH: "/usr/bin", LANG: "C", ANTHROPIC_API_KEY: TOKEN },
  secrets: [TOKEN],
  secretNames: ["MY_OWN"],
};
const BARE: LaunchPlan = {
  ...PLAN,
  mode: "managed",
  model: null,
  env: { PATH: "/usr/bin" },
  removed: [],
  args: ["--settings", JSON.stringify(SETTINGS)],
  warnings: [],
};

Deno.test("planDocument() has the documented keys and what changes, secrets redacted", () => {
  const document = planDocument(PLAN, CONTEXT);
  // In this order, the variables sorted.
  const expected = {
    mode: "passthrough",
    provider: "main",
    model: "opus",
    settings: SETTINGS,
    env: {
      ANTHROPIC_BASE_URL: "https://gw.example.com/p",
      ANTHROPIC_CUSTOM_HEADERS:
        "X-Team: <redacted>\nX-Redpanda-Cloud-Token: <redacted>",
      LANG: "C.UTF-8",
      MY_OWN: "<redacted>",
      RPAI_TOKEN: "<redacted>",
    },
    unset: ["ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_VERTEX"],
    argv: ["claude", ...PLAN.args.slice(0, -1), "say <redacted>"],
    warnings: ["first", "second"],
  };
  assertEquals(JSON.stringify(document), JSON.stringify(expected));
  assertEquals(planDocument(BARE, CONTEXT).model, null);
});

Deno.test("planDocument() holds the very settings that Claude Code gets", () => {
  const { settings, argv } = planDocument(PLAN, CONTEXT);
  assertStrictEquals(settings, PLAN.settings);
  assertEquals(JSON.parse(argv[2]), settings);
});

for (const format of FORMATS) {
  Deno.test(`renderPlan() ${format} shows no secret`, () => {
    const text = renderPlan(PLAN, CONTEXT, format);
    assertFalse(text.includes(TOKEN), text);
    assertEquals(text.endsWith("\n") && !text.endsWith("\n\n"), true);
  });
}

Deno.test("renderPlan() json and yaml are the one document", () => {
  const document = planDocument(PLAN, CONTEXT);
  assertEquals(JSON.parse(renderPlan(PLAN, CONTEXT, "json")), document);
  assertEquals(parse(renderPlan(PLAN, CONTEXT, "yaml")), document);
  assertEquals(
    parse(renderPlan(BARE, CONTEXT, "yaml")),
    planDocument(BARE, CONTEXT),
  );
});

const OVERLAY = `{
  "apiKeyHelper": "/opt/ai-claude auth token",
  "env": {
    "ANTHROPIC_BASE_URL": "https://gw.example.com/p",
    "ANTHROPIC_API_KEY": ""
  }
}`;

const SHORT_OVERLAY = `{
  "apiKeyHelper": "/opt/ai-claude auth token",
  "env": {
    "ANTHROPIC_BASE_URL": "https://gw.example.com/p"
  }
}
variables blanked in "env": 1 (-o wide lists them)`;

Deno.test("renderPlan() table", () => {
  assertEquals(
    renderPlan(PLAN, CONTEXT, "table"),
    `MODE         PROVIDER  MODEL
passthrough  main      opus

Settings overlay (--settings)
${SHORT_OVERLAY}

Environment set
NAME                      VALUE
ANTHROPIC_BASE_URL        https://gw.example.com/p
ANTHROPIC_CUSTOM_HEADERS  X-Team: <redacted>
                          X-Redpanda-Cloud-Token: <redacted>
LANG                      C.UTF-8
MY_OWN                    <redacted>
RPAI_TOKEN                <redacted>

Environment removed
NAME
CLAUDE_CODE_USE_VERTEX
ANTHROPIC_API_KEY

Command line
"claude" "--settings" "<the settings above>" "--model" "opus" "-p" "say <redacted>"

Warnings
- first
- second
`,
  );
});

Deno.test("renderPlan() table of a plan with little to say", () => {
  assertEquals(
    renderPlan(BARE, CONTEXT, "table"),
    `MODE     PROVIDER  MODEL
managed  main      (Claude Code's choice)

Settings overlay (--settings)
${SHORT_OVERLAY}

Environment set
NAME  VALUE

Environment removed
(nothing)

Command line
"claude" "--settings" "<the settings above>"
`,
  );
});

Deno.test("renderPlan() wide adds what is blanked, and why a variable is removed", () => {
  const wide = renderPlan(PLAN, CONTEXT, "wide").split("\n");
  const table = renderPlan(PLAN, CONTEXT, "table")
    .replace(SHORT_OVERLAY, OVERLAY).split("\n");
  const start = wide.indexOf("Environment removed") + 1;
  assertEquals(wide.slice(start, start + 3), [
    "NAME                    WHY",
    "CLAUDE_CODE_USE_VERTEX  selects another cloud provider",
    "ANTHROPIC_API_KEY       a key of the user's own",
  ]);
  assertEquals(
    wide.toSpliced(start, 3),
    table.toSpliced(start, 3),
    "nothing else differs",
  );
});

Deno.test("renderPlan() markdown", () => {
  assertEquals(
    renderPlan(PLAN, CONTEXT, "markdown"),
    `| MODE | PROVIDER | MODEL |
| --- | --- | --- |
| passthrough | main | opus |

## Settings overlay (--settings)

\`\`\`
${OVERLAY}
\`\`\`

## Environment set

| NAME | VALUE |
| --- | --- |
| ANTHROPIC_BASE_URL | https://gw.example.com/p |
| ANTHROPIC_CUSTOM_HEADERS | X-Team: <redacted><br>X-Redpanda-Cloud-Token: <redacted> |
| LANG | C.UTF-8 |
| MY_OWN | <redacted> |
| RPAI_TOKEN | <redacted> |

## Environment removed

| NAME | WHY |
| --- | --- |
| CLAUDE_CODE_USE_VERTEX | selects another cloud provider |
| ANTHROPIC_API_KEY | a key of the user's own |

## Command line

\`\`\`
"claude" "--settings" "<the settings above>" "--model" "opus" "-p" "say <redacted>"
\`\`\`

## Warnings

- first
- second
`,
  );
});
