import { assertEquals, assertRejects } from "@std/assert";
import { denoBase } from "../../lib/system/deno_base.ts";

const MODES = { file: 0o600, dir: 0o700 };

/** A place where no file can be put: a directory with something in it. */
async function makePlace() {
  const dir = await Deno.makeTempDir();
  await Deno.mkdir(`${dir}/taken/by`, { recursive: true });
  return {
    dir,
    taken: `${dir}/taken`,
    names: () => Array.from(Deno.readDirSync(dir), ({ name }) => name).sort(),
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

Deno.test("replaceTextFile() keeps a named temporary file when the rename fails", async () => {
  await using place = await makePlace();
  const temporary = `${place.dir}/next`;
  const options = { ...MODES, temporary };
  await assertRejects(() =>
    denoBase().replaceTextFile(place.taken, "the only copy", options)
  );
  assertEquals(await Deno.readTextFile(temporary), "the only copy");
});

Deno.test("replaceTextFile() leaves no other temporary file behind", async () => {
  await using place = await makePlace();
  await assertRejects(() =>
    denoBase().replaceTextFile(place.taken, "text", MODES)
  );
  assertEquals(place.names(), ["taken"]);
});

Deno.test("replaceTextFile() replaces what a link names, beside which it writes", async () => {
  await using place = await makePlace();
  const { dir } = place;
  await Deno.mkdir(`${dir}/vault`);
  await Deno.writeTextFile(`${dir}/vault/kept`, "old");
  await Deno.symlink("vault/kept", `${dir}/link`);
  await denoBase().replaceTextFile(`${dir}/link`, "new", MODES);
  assertEquals(await Deno.readTextFile(`${dir}/vault/kept`), "new");
  assertEquals(await denoBase().realPath(`${dir}/link`), `${dir}/vault/kept`);
  assertEquals(await denoBase().realPath(`${dir}/none`), `${dir}/none`);
  assertEquals(place.names(), ["link", "taken", "vault"]);
});

Deno.test("replaceTextFile() makes what a link names and is not there yet", async () => {
  await using place = await makePlace();
  const { dir } = place;
  await Deno.symlink("vault/new", `${dir}/link`);
  await Deno.symlink(`${dir}/link`, `${dir}/to-link`);
  await denoBase().replaceTextFile(`${dir}/to-link`, "text", MODES);
  assertEquals(await Deno.readTextFile(`${dir}/vault/new`), "text");
  assertEquals((await Deno.lstat(`${dir}/link`)).isSymlink, true);
  await Deno.symlink("loop", `${dir}/loop`);
  await assertRejects(() => denoBase().realPath(`${dir}/loop`));
});
