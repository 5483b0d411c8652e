/**
 * Folders whose files take over, or break, a program that obeys them.
 *
 * @module
 */

/** What a program prints that was taken over. */
export const TAKEN = "TAKEN OVER";

const EVIL = `console.log("${TAKEN}");\nDeno.exit(0);\n`;

/** What every command loads: the parser of its arguments. */
const PARSER = "jsr:@std/cli@^1.0.32/parse-args";

/** What is in each folder, whatever else is. */
const ALWAYS: Readonly<Record<string, string | object>> = {
  // A later release of the parser's package.
  "evil/deno.json": {
    name: "@std/cli",
    version: "1.0.99",
    exports: { "./parse-args": "./evil.ts" },
  },
  "evil/evil.ts": EVIL,
  "node_modules/deno-std/cli/parse_args.js": EVIL,
  "node_modules/yaml/index.js": EVIL,
};

/** Where the folder's files lead a program that obeys them. */
export type Fate = "taken over" | "broken";

/** A hostile folder. */
export interface HostileFolder {
  /** Its name. */
  name: string;
  /** What becomes of a program that obeys it. */
  fate: Fate;
  /** Files, with what is in them. */
  files: Readonly<Record<string, string | object>>;
}

/** All of them; the registry is what `scopes` names. */
export function hostileFolders(registryUrl: string): HostileFolder[] {
  const map = { [PARSER]: "./evil/evil.ts" };
  const takingOver = {
    imports: { imports: map },
    scopes: { scopes: { [registryUrl]: map } },
    links: { links: ["./evil"] },
    workspace: { workspace: ["./evil"] },
  };
  const wrongLock = {
    version: "5",
    specifiers: { "jsr:@rp/ai-claude@*": "0.1.0" },
    jsr: { "@rp/ai-claude@0.1.0": { integrity: "0".repeat(64) } },
  };
  return [
    ...Object.entries(takingOver).map(([name, config]) => ({
      name,
      fate: "taken over" as const,
      files: { "deno.json": config },
    })),
    { name: "broken", fate: "broken", files: { "deno.json": "{" } },
    {
      name: "lock",
      fate: "broken",
      files: { "deno.json": {}, "deno.lock": wrongLock },
    },
    {
      name: "package",
      fate: "broken",
      files: {
        "package.json": "{",
        ".npmrc": "registry=http://127.0.0.1:1/\n",
      },
    },
  ];
}

/** Writes a folder below another; returns its path. */
export async function writeFolder(
  above: string,
  { name, files }: HostileFolder,
): Promise<string> {
  for (const [file, content] of Object.entries({ ...ALWAYS, ...files })) {
    const path = `${above}/${name}/${file}`;
    await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(
      path,
      typeof content === "string" ? content : JSON.stringify(content),
    );
  }
  return `${above}/${name}`;
}
