/**
 * Changes to the text of the config file. Pure: text in, text out.
 *
 * The lines that an edit is about are changed and all others kept, comments
 * included. What comes out is read again: when it does not say what it should,
 * as with a file in flow style or with anchors, the whole file is written anew.
 *
 * @module
 */

import { parse } from "@std/yaml/parse";
import { isObject, type JsonObject } from "../base/json_object.ts";
import { readYaml, yamlBlock, yamlText } from "./yaml_block.ts";

/** What is to change. The names exist, or do not, as the edit needs it. */
export type ConfigEdit =
  /** Makes a profile the current one. */
  | { kind: "use"; name: string }
  /** Adds a profile; the first one becomes current. */
  | {
    kind: "add";
    name: string;
    /** By key of the file. */
    values: Record<string, string>;
    /** The profile whose values are the start. */
    from?: string;
  }
  /** Removes a profile; when it was current, then no profile is. */
  | { kind: "delete"; name: string }
  /** Gives a profile another name, and keeps it current. */
  | { kind: "rename"; from: string; to: string };

/** A changed file. */
export interface EditedConfig {
  /** The whole text. */
  text: string;
  /** Whether there were comments that could not be kept. */
  lostComments: boolean;
}

/**
 * Changes the text of a config file that `parseConfig` understands.
 *
 * @example
 * ```ts
 * import { editConfig } from "./config_edit.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = "current_profile: a # mine\nprofiles: {a: {}, b: {}}\n";
 * assertEquals(editConfig(text, { kind: "use", name: "b" }), {
 *   text: "current_profile: b # mine\nprofiles: {a: {}, b: {}}\n",
 *   lostComments: false,
 * });
 * ```
 */
export function editConfig(text: string, edit: ConfigEdit): EditedConfig {
  const source = text.replace(/^\uFEFF/, "");
  const root = readYaml(source);
  const before = isObject(root) ? root : {};
  const after = change(before, edit);
  const inPlace = editLines(source, edit, before, after);
  if (says(inPlace, after)) return { text: inPlace, lostComments: false };
  const anew = yamlBlock(after);
  if (!says(anew, after)) throw new Error("the config got mixed up");
  return { text: anew, lostComments: hasComments(source) };
}

/** The edit on what the file says. */
function change(root: JsonObject, edit: ConfigEdit): JsonObject {
  const profiles = isObject(root.profiles) ? root.profiles : {};
  const isCurrent = (name: string) =>
    JSON.stringify(root.current_profile) === JSON.stringify(name);
  switch (edit.kind) {
    case "use":
      return { ...root, current_profile: edit.name };
    case "add": {
      const { name, values, from } = edit;
      const first = Object.keys(profiles).length === 0;
      const copied = from === undefined ? {} : profiles[from];
      const body: JsonObject = { ...isObject(copied) ? copied : {}, ...values };
      // The older name of the key that now has another value.
      if ("ai_gateway_url" in values) delete body.dataplane_url;
      return {
        ...root,
        ...first ? { current_profile: name } : {},
        profiles: { ...profiles, [name]: body },
      };
    }
    case "delete": {
      const left = Object.entries(profiles)
        .filter(([name]) => name !== edit.name);
      return {
        ...root,
        ...isCurrent(edit.name) ? { current_profile: "" } : {},
        profiles: left.length === 0 ? null : Object.fromEntries(left),
      };
    }
    case "rename":
      return {
        ...root,
        ...isCurrent(edit.from) ? { current_profile: edit.to } : {},
        profiles: Object.fromEntries(
          Object.entries(profiles).map(([name, body]) => [
            name === edit.from ? edit.to : name,
            body,
          ]),
        ),
      };
  }
}

/** Whether a text says this and nothing else. */
function says(text: string, expected: unknown): boolean {
  try {
    const said = parse(text, { schema: "failsafe" });
    return fingerprint(said) === fingerprint(expected);
  } catch {
    return false;
  }
}

/** Equal for equal data: the order of keys like `2026` is not to be relied on. */
function fingerprint(data: unknown): string {
  return JSON.stringify(
    data,
    (_key, value) =>
      isObject(value)
        ? Object.fromEntries(Object.entries(value).sort())
        : value,
  );
}

/**
 * Whether there are comments: a `#` is one when a letter behind it changes
 * nothing of what the file says.
 */
function hasComments(text: string): boolean {
  const said = parse(text, { schema: "failsafe" });
  return [...text.matchAll(/(?<=^|\s)#/g)].some(({ index }) => {
    const end = index + 1;
    return says(`${text.slice(0, end)}x${text.slice(end)}`, said);
  });
}

/** A key of a block mapping and the lines it takes. */
interface Entry {
  key: string;
  /** The blanks before the key. */
  indent: string;
  /** Index of the key's line. */
  start: number;
  /** Index of the line after its last one. */
  end: number;
}

const KEY = /^( *)(?:"([^"\\]*)"|'([^']*)'|([^\s#"'][^:]*?))\s*:(?=\s|$)/;

/** A line's key with the colon, its value, and the comment behind it. */
const VALUE =
  /^([^:]*:)[ \t]*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|.*?)([ \t]+#.*)?\s*$/;

/** The edit on the lines of a file in block style; a try, to be checked. */
function editLines(
  text: string,
  edit: ConfigEdit,
  before: JsonObject,
  after: JsonObject,
): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text.split(/(?<=\n)/).filter((line) => line !== "");
  const last = lines.pop();
  if (last !== undefined) lines.push(last.replace(/\r?\n?$/, eol));

  if (after.current_profile !== before.current_profile) {
    const value = yamlText(String(after.current_profile));
    const entry = findEntry(lines, "current_profile");
    if (entry === undefined) lines.push(`current_profile: ${value}${eol}`);
    else {
      const [, head, , comment = ""] = VALUE.exec(lines[entry.start]) ?? [];
      const comments = lines.slice(entry.start + 1, entry.end)
        .filter((line) => line.trimStart().startsWith("#"));
      const line = `${head} ${value}${comment}${eol}`;
      lines.splice(entry.start, entry.end - entry.start, line, ...comments);
    }
  }
  if (edit.kind === "use") return lines.join("");

  if (edit.kind === "add" && findEntry(lines, "profiles") === undefined) {
    lines.push(`profiles:${eol}`);
  }
  const table = findEntry(lines, "profiles");
  if (table === undefined) return text;
  const entries = entriesOf(lines, table.start + 1, table.end);
  if (edit.kind === "add") {
    const { name } = edit;
    const body = (after.profiles as JsonObject)[name];
    const indent = entries[0]?.indent ?? table.indent + "  ";
    const added = yamlBlock({ [name]: body }, indent);
    if (entries.length === 0) {
      // `profiles: {}`, or nothing behind the colon.
      const [, head, , comment = ""] = VALUE.exec(lines[table.start]) ?? [];
      lines[table.start] = `${head}${comment}${eol}`;
    }
    const end = entries.at(-1)?.end ?? table.start + 1;
    lines.splice(end, 0, added.replaceAll("\n", eol));
    return lines.join("");
  }
  const name = edit.kind === "delete" ? edit.name : edit.from;
  const entry = entries.find(({ key }) => key === name);
  if (entry === undefined) return text;
  if (edit.kind === "delete") {
    lines.splice(entry.start, entry.end - entry.start);
  } else {
    const key = `${entry.indent}${yamlText(edit.to)}:`;
    lines[entry.start] = lines[entry.start].replace(KEY, () => key);
  }
  return lines.join("");
}

function findEntry(lines: string[], key: string): Entry | undefined {
  return entriesOf(lines, 0, lines.length).find((entry) => entry.key === key);
}

/** The entries of the mapping that begins with the first key in the range. */
function entriesOf(lines: string[], start: number, end: number): Entry[] {
  const entries: Entry[] = [];
  for (let at = start; at < end; at++) {
    const line = lines[at];
    const last = entries.at(-1);
    const [, indent, ...keys] = KEY.exec(line) ?? [];
    const key = keys.find((part) => part !== undefined);
    if (key !== undefined && (last === undefined || indent === last.indent)) {
      entries.push({ key, indent, start: at, end: at + 1 });
    } else if (last !== undefined && isInside(line, last.indent)) {
      last.end = at + 1;
    }
  }
  return entries;
}

/** Whether a line belongs to the key above it, not to what comes next. */
function isInside(line: string, indent: string): boolean {
  const at = line.search(/\S/);
  return at !== -1 && (line[at] !== "#" || at > indent.length);
}
