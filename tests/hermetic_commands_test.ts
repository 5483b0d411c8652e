import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** What people read: documents, and the program with all that it prints. */
const READ = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "docs",
  "main.ts",
];

/** A command that fetches this package, with what stands before it. */
const COMMAND =
  /\bdeno ((?:[\w-]+ )?)((?:(?!\bdeno )[^\n"`])*?)\bjsr:(?:@rp\/ai-claude|\$\{NAME\})/g;

interface Command {
  file: string;
  text: string;
  /** Whether the directory it is typed in has no say. */
  hermetic: boolean;
}

/** The commands in a text, however its lines are broken. */
function commandsIn(file: string, text: string): Command[] {
  const joined = text
    .replace(/\\\n\s*/g, "")
    .replace(/["`]\s*\+\s*["`]/g, "")
    .replace(/\n \*\s*/g, " ");
  return [...joined.matchAll(COMMAND)].map(([text, verb, flags]) => ({
    file,
    text,
    hermetic: verb === "install "
      ? /(?:^|\s)-g\s/.test(flags)
      : /(?:^|\s)--no-config\s/.test(flags),
  }));
}

async function* filesBelow(path: string): AsyncGenerator<string> {
  const info = await Deno.stat(new URL(path, ROOT)).catch(() => undefined);
  if (info?.isFile) yield path;
  if (!info?.isDirectory) return;
  for await (const { name } of Deno.readDir(new URL(path, ROOT))) {
    yield* filesBelow(`${path}/${name}`);
  }
}

Deno.test("no command is printed that obeys the directory it is typed in", async () => {
  const commands: Command[] = [];
  for (const path of [...READ, "lib"]) {
    for await (const file of filesBelow(path)) {
      const text = await Deno.readTextFile(new URL(file, ROOT));
      commands.push(...commandsIn(file, text));
    }
  }
  const files = new Set(commands.map(({ file }) => file));
  for (const file of ["README.md", "main.ts", "lib/commands/shown_error.ts"]) {
    assert(files.has(file), `${file} has a command`);
  }
  assertEquals(commands.filter(({ hermetic }) => !hermetic), []);
});

Deno.test("commandsIn() tells hermetic commands from others", () => {
  const verdicts = {
    "deno run -A --no-config jsr:@rp/ai-claude -L x": true,
    "RPAI_TOKEN=x deno run -A \\\n  --no-config jsr:@rp/ai-claude": true,
    "deno install -g -A jsr:@rp/ai-claude": true,
    "deno x -A --no-config jsr:@rp/ai-claude": true,
    "deno run -A jsr:@rp/ai-claude --no-config": false,
    "deno x jsr:@rp/ai-claude": false,
    "deno -A jsr:@rp/ai-claude": false,
    "deno install -A jsr:@rp/ai-claude": false,
    "deno add jsr:@rp/ai-claude": false,
    '"deno run -A " +\n    "jsr:@rp/ai-claude"': false,
    "`deno run -A jsr:${NAME}@${version}`": false,
    " * deno run -A\n * jsr:@rp/ai-claude": false,
  };
  for (const [text, hermetic] of Object.entries(verdicts)) {
    const found = commandsIn("x", text).map((each) => each.hermetic);
    assertEquals(found, [hermetic], text);
  }
});
