/**
 * Changes to the text of the config file. Pure: text in, text out. Comments, the
 * order of keys and quotes survive.
 *
 * @module
 */

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  parseDocument,
  Scalar,
  visit,
  YAMLMap,
} from "yaml";
import type { ProfileKey } from "./profile_keys.ts";

/** New values of a profile's keys, as the file has them. */
export type ProfileValues = Readonly<Partial<Record<ProfileKey, string>>>;

/** What is to change. The names exist, or do not, as the edit needs it. */
export type ConfigEdit =
  /** Makes a profile the current one. */
  | { kind: "use"; name: string }
  /** Adds a profile; the first one becomes current. */
  | {
    kind: "add";
    name: string;
    values: ProfileValues;
    /** The profile to copy first. */
    from?: string;
  }
  /** Changes keys of a profile; an empty value removes one. */
  | { kind: "set"; name: string; values: ProfileValues }
  /** Removes a profile; when it was current, then no profile is. */
  | { kind: "delete"; name: string }
  /** Gives a profile another name, and keeps it current. */
  | { kind: "rename"; from: string; to: string };

/**
 * Changes the text of a config file that `parseConfig` understands.
 *
 * @example
 * ```ts
 * import { editConfig } from "./config_edit.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = "current_profile: a # mine\nprofiles:\n  a: {}\n  b: {}\n";
 * assertEquals(
 *   editConfig(text, { kind: "use", name: "b" }),
 *   "current_profile: b # mine\nprofiles:\n  a: {}\n  b: {}\n",
 * );
 * ```
 *
 * @throws {SyntaxError} when the text is not YAML, naming the line, or when the
 * edit cannot be made, such as removing what an alias refers to
 */
export function editConfig(text: string, edit: ConfigEdit): string {
  const bom = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const document = parse(text);
  if (!isMap(document.contents)) document.contents = new YAMLMap() as never;
  const profiles = document.get("profiles");
  if (isMap(profiles)) settleComments(profiles);
  change(document, edit);
  let edited: string;
  try {
    edited = document.toString({
      lineWidth: 0,
      flowCollectionPadding: /\{ /.test(text),
    });
    if (JSON.stringify(parse(edited)) !== JSON.stringify(document)) {
      throw new Error("other values would change too");
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SyntaxError(reason.split("\n")[0], { cause: error });
  }
  return bom + (text.includes("\r\n") ? edited.replace(/\n/g, "\r\n") : edited);
}

/** Every scalar is a text: `1e3` and `2026-01-01` stay what they are. */
function parse(text: string): Document {
  const document = parseDocument(text, { schema: "failsafe" });
  const [error] = document.errors;
  if (error === undefined) return document;
  const line = error.linePos?.[0].line;
  throw new SyntaxError(
    `${error.message.split("\n")[0].replace(/ at line.*/, "")}` +
      (line === undefined ? "" : ` at line ${line}`),
  );
}

function change(document: Document, edit: ConfigEdit): void {
  const isCurrent = (name: string) => document.get("current_profile") === name;
  switch (edit.kind) {
    case "use":
      return set(document, ["current_profile"], edit.name);
    case "add": {
      const { name, values, from } = edit;
      const before = document.get("profiles");
      const isFirst = !isMap(before) || before.items.length === 0;
      if (isFirst) set(document, ["current_profile"], name);
      profilesOf(document).add({
        key: textNode(name),
        value: from === undefined
          ? new YAMLMap()
          : copyOf(document.getIn(["profiles", from], true), document),
      });
      return setValues(document, name, values);
    }
    case "set":
      return setValues(document, edit.name, edit.values);
    case "delete": {
      const profiles = profilesOf(document);
      profiles.delete(edit.name);
      const first = profiles.items[0]?.key;
      if (isScalar(first)) first.spaceBefore = false;
      if (isCurrent(edit.name)) set(document, ["current_profile"], "");
      return;
    }
    case "rename":
      rename(profilesOf(document), edit.from, edit.to);
      if (isCurrent(edit.from)) set(document, ["current_profile"], edit.to);
  }
}

function setValues(
  document: Document,
  name: string,
  values: ProfileValues,
): void {
  const at = ["profiles", name];
  const profile = mapAt(document, at);
  if ("ai_gateway_url" in values) modernize(profile);
  for (const [key, value] of Object.entries(values)) {
    const path = [...at, ...key.split(".")];
    if (path.length > 3) mapAt(document, path.slice(0, -1));
    if (value === "") remove(document, path);
    else set(document, path, value);
  }
}

/** The mapping at a path, made when there is none; of an alias, a copy. */
function mapAt(document: Document, path: string[]): YAMLMap {
  const found = document.getIn(path, true);
  if (isMap(found)) return found;
  const map = copyOf(found, document);
  document.setIn(path, map);
  return map;
}

/** Removes a key, and the `auth` that is empty without it. */
function remove(document: Document, path: string[]): void {
  if (document.hasIn(path)) document.deleteIn(path);
  const above = path.slice(0, -1);
  const block = document.getIn(above);
  if (above.at(-1) === "auth" && isMap(block) && block.items.length === 0) {
    document.deleteIn(above);
  }
}

/** Gives the gateway's URL its present name. */
function modernize(profile: YAMLMap): void {
  if (profile.has("ai_gateway_url")) profile.delete("dataplane_url");
  else rename(profile, "dataplane_url", "ai_gateway_url");
}

/** The mapping of profiles, which an empty file does not have yet. */
function profilesOf(document: Document): YAMLMap {
  const profiles = mapAt(document, ["profiles"]);
  if (profiles.items.length === 0) profiles.flow = false;
  return profiles;
}

/**
 * A comment behind a blank line is about the profile that follows. The library
 * takes it for the end of the one above, with which it would go.
 */
function settleComments(profiles: YAMLMap): void {
  profiles.items.forEach(({ value }, index) => {
    const next = profiles.items[index + 1]?.key;
    if (!isMap(value) || !value.comment || !isScalar(next)) return;
    const cut = value.comment.lastIndexOf("\n\n");
    if (cut === -1) return;
    next.commentBefore = [value.comment.slice(cut + 2), next.commentBefore]
      .filter(Boolean).join("\n");
    next.spaceBefore = true;
    value.comment = value.comment.slice(0, cut);
  });
}

function rename(map: YAMLMap, from: string, to: string): void {
  const key = map.items.map(({ key }) => key)
    .find((key) => isScalar(key) && key.value === from);
  if (isScalar(key)) rewrite(key, textNode(to));
}

/** A copy of a mapping or its alias, that defines no anchor a second time. */
function copyOf(found: unknown, document: Document): YAMLMap {
  const node = isAlias(found) ? found.resolve(document) : found;
  if (!isMap(node)) return new YAMLMap();
  const copy = node.clone() as YAMLMap;
  visit(copy, {
    Value: (_, node) => {
      delete node.anchor;
    },
  });
  return copy;
}

/** Sets a value where it stands, so that the comment behind it stays. */
function set(document: Document, path: string[], text: string): void {
  const found = document.getIn(path, true);
  const value = textNode(text);
  if (SWITCHES.includes(path[2])) value.type = Scalar.PLAIN;
  if (isScalar(found)) rewrite(found, value);
  else document.setIn(path, value);
}

/** Gives a scalar another value, in the quotes that it has. */
function rewrite(scalar: Scalar, { value, type }: Scalar<string>): void {
  const isQuoted = scalar.value !== "" &&
    (scalar.type === Scalar.QUOTE_SINGLE ||
      scalar.type === Scalar.QUOTE_DOUBLE);
  scalar.value = value;
  if (!isQuoted) scalar.type = type;
}

/** Keys of `true` and `false`, which other programs read so without quotes only. */
const SWITCHES = ["relay", "quiet"];

/** Begins with a letter, so it is no number, and holds nothing YAML reads. */
const PLAIN = /^[A-Za-z_/][\w./@+,()-]*(?:[ :][\w./@+,()-]+)*$/;

/** What some YAML reader takes for a boolean or nothing. */
const NOT_TEXT = /^(?:true|false|yes|no|on|off|y|n|null)$/i;

/**
 * A text that every YAML reader takes for that text: other programs read the
 * file too, some of which take `0o17`, `+.5` and `2026-1-1` for numbers and dates.
 */
function textNode(text: string): Scalar<string> {
  const scalar = new Scalar(text);
  scalar.type = PLAIN.test(text) && !NOT_TEXT.test(text)
    ? Scalar.PLAIN
    : Scalar.QUOTE_DOUBLE;
  return scalar;
}
