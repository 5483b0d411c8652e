/**
 * Help texts, made from the tables of commands and flags.
 *
 * @module
 */

import {
  commandName,
  COMMANDS,
  type CommandSpec,
  type FlagSpec,
  GLOBAL_FLAGS,
} from "./flags.ts";

/** By the words of the command. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "": [
    "ai-claude -L anthropic -m claude-sonnet-4-6 -- --permission-mode plan",
    'ai-claude -L bedrock -m us.anthropic.claude-sonnet-4-6 -- -p "hi"',
    "ai-claude -L anthropic --print-settings -o yaml",
  ],
  "demo": ["ai-claude demo --with-login"],
  "doctor": [
    "ai-claude doctor",
    "ai-claude doctor --probe -L anthropic -o json",
  ],
  "auth login": ["ai-claude auth login --no-browser"],
  "auth logout": ["ai-claude auth logout --all"],
  "auth status": ["ai-claude auth status -o json"],
  "auth token": [
    "ai-claude auth token --rpai-profile prod --refresh-within 5m",
  ],
  "profile show": ["ai-claude profile show prod -o yaml"],
  "profile use": ["ai-claude profile use prod"],
  "profile add": [
    "ai-claude profile add prod --ai-gateway-url https://aigw.example.com",
    "ai-claude profile add ci --from prod --auth-mode client_credentials",
  ],
};

/** The help of a command, at most 80 columns wide. */
export function helpText(spec: CommandSpec): string {
  const usage = [
    commandName(spec),
    ...(spec.names ?? []),
    "[flags]",
    ...(spec.kind === "launch" ? ["[-- CLAUDE_ARGS...]"] : []),
  ].join(" ");
  const sections = [`${usage}\n\n${capitalize(spec.help)}.`];
  if (spec.words.length === 0) {
    sections.push(
      "Commands:\n" +
        columns(
          COMMANDS.filter(({ words }) => words.length > 0)
            .map(({ words, names = [], help }) => [
              [...words, ...names].join(" "),
              help,
            ]),
        ),
    );
  }
  if (spec.flags.length > 0) {
    sections.push("Flags:\n" + columns(spec.flags.map(flagRow)));
  }
  sections.push(
    (spec.flags.length > 0 ? "Global flags:\n" : "Flags:\n") +
      columns(GLOBAL_FLAGS.map(flagRow)),
  );
  const examples = EXAMPLES[spec.words.join(" ")];
  if (examples !== undefined) {
    sections.push(
      "Examples:\n" + examples.map((line) => `  ${line}`).join("\n"),
    );
  }
  return sections.join("\n\n") + "\n";
}

function flagRow(flag: FlagSpec): [string, string] {
  const short = flag.aliases.find((alias) => alias.length === 1);
  const long = flag.aliases.filter((alias) => alias.length > 1);
  const name = `${short === undefined ? "    " : `-${short}, `}--${flag.name}` +
    (flag.value === undefined ? "" : ` ${flag.value}`);
  const notes = [
    ...(long.length > 0 ? [`also --${long.join(", --")}`] : []),
    ...(flag.env === undefined ? [] : [`env ${flag.env}`]),
  ];
  return [
    name,
    flag.help + (notes.length > 0 ? ` (${notes.join("; ")})` : ""),
  ];
}

/** Two columns, the second wrapped so that no line passes 80 columns. */
function columns(rows: [string, string][]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 4;
  return rows.flatMap(([left, right]) =>
    wrap(right, 80 - width).map((line, index) =>
      (index === 0 ? `  ${left}`.padEnd(width) : " ".repeat(width)) + line
    )
  ).join("\n");
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

function capitalize(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}
