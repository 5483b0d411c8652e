/**
 * A JSR registry on loopback: this package as publishing would make it, and the
 * folders of `links/` as the packages that they stand for. Deno takes it with
 * `JSR_URL`.
 *
 * @module
 */

import { serveLoopback } from "../lib/loopback/server.ts";

const ROOT = new URL("../", import.meta.url);

/** A file of a package, as it is served. */
interface PublishedFile {
  text: string;
  size: number;
  checksum: string;
}

/** A package of one version. */
interface Package {
  name: string;
  version: string;
  exports: Record<string, string>;
  /** By path, beginning with a slash. */
  files: Map<string, PublishedFile>;
}

/** A running registry. */
export interface Registry extends AsyncDisposable {
  /** What `JSR_URL` is set to; ends with a slash. */
  readonly url: string;
  /** Name and version of this package: `@rp/ai-claude@0.1.0`. */
  readonly specifier: string;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
}

/** Where the packages are that `links/` stands in for. */
const JSR = "https://jsr.io";

/** Starts a registry on a free port. */
export async function startRegistry(): Promise<Registry> {
  const manifest = await readJson(new URL("deno.json", ROOT));
  const own = await readPackage(ROOT, manifest.publish.include, manifest);
  const packages = new Map([[own.name, own]]);
  const { links = [] } = manifest;
  for (const link of links) {
    const folder = new URL(`${link}/`, ROOT);
    const each = await readPackage(folder, ["./"]);
    packages.set(each.name, each);
  }
  const asked: string[] = [];
  const server = serveLoopback(async (request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    const answer = answerFrom(packages, pathname);
    // Without links, the hosted CI's way, the other packages are the real ones.
    return answer ??
      (links.length === 0
        ? await fetch(JSR + pathname)
        : new Response("not found", { status: 404 }));
  });
  return {
    url: `${server.url}/`,
    specifier: `${own.name}@${own.version}`,
    asked,
    [Symbol.asyncDispose]: server.close,
  };
}

/** The three requests that Deno makes; `undefined` for what is not there. */
function answerFrom(
  packages: ReadonlyMap<string, Package>,
  path: string,
): Response | undefined {
  const [, name = "", rest = ""] = /^\/(@[^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
  const found = packages.get(name);
  if (found === undefined) return undefined;
  const { version, files } = found;
  if (rest === "meta.json") {
    const [scope, short] = name.slice(1).split("/");
    return Response.json({
      ...{ scope, name: short, latest: version },
      versions: { [version]: {} },
    });
  }
  if (rest === `${version}_meta.json`) {
    const manifest = [...files].map(([path, { size, checksum }]) => [
      path,
      { size, checksum },
    ]);
    return Response.json({
      manifest: Object.fromEntries(manifest),
      exports: found.exports,
    });
  }
  if (!rest.startsWith(`${version}/`)) return undefined;
  const file = files.get(rest.slice(version.length));
  if (file === undefined) return undefined;
  const isJson = /\.(?:json|lock)$/.test(rest);
  const type = isJson ? "application/json" : "text/typescript";
  return new Response(file.text, { headers: { "content-type": type } });
}

async function readPackage(
  folder: URL,
  include: readonly string[],
  manifest?: Record<string, unknown>,
): Promise<Package> {
  const config = manifest ?? await readJson(new URL("deno.json", folder));
  const paths = new Set(["deno.json"]);
  for (const each of include) await listFiles(folder, each, paths);
  const files = new Map<string, PublishedFile>();
  for (const path of paths) {
    const text = published(
      await Deno.readTextFile(new URL(path, folder)),
      path,
      config.imports ?? {},
    );
    const bytes = new TextEncoder().encode(text);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    const checksum = `sha256-${new Uint8Array(digest).toHex()}`;
    files.set(`/${path}`, { text, size: bytes.length, checksum });
  }
  const { name, version, exports } = config;
  return {
    ...{ name, version, files },
    exports: typeof exports === "string" ? { ".": exports } : exports,
  };
}

async function listFiles(
  folder: URL,
  path: string,
  found: Set<string>,
): Promise<void> {
  const clean = path.replace(/^\.\//, "");
  if (clean !== "" && !clean.endsWith("/")) {
    found.add(clean);
    return;
  }
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(path, folder))
  ) {
    await listFiles(folder, clean + name + (isDirectory ? "/" : ""), found);
  }
}

/** A file's text; a module's with its specifiers as publishing writes them. */
function published(
  text: string,
  path: string,
  imports: Record<string, string>,
): string {
  if (path === "deno.lock") {
    // As the release workflow publishes it, which says why.
    const { workspace: _, ...lock } = JSON.parse(text);
    return JSON.stringify(lock);
  }
  if (!path.endsWith(".ts")) return text;
  return text.replace(
    /(\bfrom\s*|\bimport\s*\(?\s*)"([^."][^"]*)"/g,
    (whole, before, specifier: string) => {
      const name = Object.keys(imports).find((name) =>
        specifier === name || specifier.startsWith(`${name}/`)
      );
      return name === undefined
        ? whole
        : `${before}"${imports[name]}${specifier.slice(name.length)}"`;
    },
  );
}

// deno-lint-ignore no-explicit-any -- this project's own file
async function readJson(url: URL): Promise<any> {
  return JSON.parse(await Deno.readTextFile(url));
}
