/**
 * What the tests read of a Markdown document.
 *
 * @module
 */

import { readBashWord } from "../../lib/cli/shell_words.ts";

/** The root of the repository. */
export const ROOT: URL = new URL("../../", import.meta.url);

/** A fenced block. */
export interface CodeBlock {
  /** What is behind the opening fence. */
  language: string;
  /** Its lines, without what they are indented by. */
  text: string;
}

/** Paths of the documents, from the root of the repository. */
export async function documents(): Promise<string[]> {
  const paths = ["README", "CONTRIBUTING", "SECURITY", "CHANGELOG"]
    .map((name) => `${name}.md`);
  for await (const { name } of Deno.readDir(new URL("docs/", ROOT))) {
    if (name.endsWith(".md")) paths.push(`docs/${name}`);
  }
  return paths.sort();
}

/** A document's text. */
export async function readDocument(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, ROOT));
}

const FENCED = /^( *)```(\w*)\n([^]*?)^\1```$/gm;

/** The fenced blocks of a text. */
export function codeBlocks(text: string): CodeBlock[] {
  return [...text.matchAll(FENCED)].map(([, indent, language, lines]) => ({
    language,
    text: lines.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  }));
}

/** The text without its fenced blocks and comments. */
export function prose(text: string): string {
  return text.replace(FENCED, "").replace(/<!--[^]*?-->/g, "");
}

/** The code within a text's sentences and tables, on one line each. */
export function codeSpans(text: string): string[] {
  return [...prose(text).matchAll(/`([^`]+)`/g)].map(([, code]) =>
    code.replace(/\s+/g, " ").replaceAll("\\|", "|")
  );
}

/** The command lines of a text's shell blocks, without comments. */
export function commandLines(text: string): string[] {
  return codeBlocks(text).filter(({ language }) => language === "sh")
    .flatMap(({ text }) => text.replaceAll("\\\n", "").split("\n"))
    .map((line) => line.replace(/(^|\s+)#.*$/, "").replace(/\s+/g, " "))
    .filter((line) => line !== "");
}

/** The words of a command line, without their quotes. */
export function wordsOf(line: string): string[] {
  const words = line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => readBashWord(word).text);
}

/** Where the links and images of a text lead. */
export function links(text: string): string[] {
  return [...prose(text).matchAll(/\]\(([^()\s]+)\)/g)].map(([, to]) => to);
}

/** The anchors of a text's headings. */
export function anchors(text: string): string[] {
  return [...prose(text).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replace(/[^\w\s-]/g, "").replace(/\s/g, "-")
  );
}
