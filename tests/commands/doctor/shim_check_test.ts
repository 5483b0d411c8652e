import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Check } from "../../../lib/commands/doctor/check.ts";
import { readShim } from "../../../lib/commands/shim.ts";
import { quoteCmd, quoteSh } from "../../../lib/base/quote_word.ts";
import { runInProcess } from "../../support/in_process.ts";
import { makeWorld, type World } from "../../support/program.ts";

const CONFIG = "profiles:\n  prod:\n    ai_gateway_url: https://gw.example\n" +
  "    llm_provider: main\n  bare:\n    ai_gateway_url: https://gw.example\n";

async function makeShim(world: World, flags: string[]): Promise<string> {
  await world.write(".rpai/config", CONFIG);
  const path = `${world.home}/claude shim`;
  const { code, stderr } = await runInProcess(
    ["shim", path, ...flags],
    world.env,
  );
  assertEquals(code, 0, stderr);
  return path;
}

/** `status message` of each row, and the exit code. */
async function diagnose({ env }: World, path: string) {
  const { code, stdout, stderr } = await runInProcess(
    ["doctor", path, "-o", "json"],
    env,
  );
  assertEquals(stderr, "");
  const { ok, checks }: { ok: boolean; checks: Check[] } = JSON.parse(stdout);
  assertEquals(ok, code === 0);
  const rows = checks.map(({ name, status, message }) =>
    `${name} ${status} ${message}`
  );
  return { code, rows };
}

Deno.test("doctor SHIM says where a shim leads", async () => {
  await using world = await makeWorld();
  const path = await makeShim(world, ["-p", "prod", "-m", "it's $HOME"]);
  const { code, rows } = await diagnose(world, path);
  assertEquals(code, 0);
  assertEquals(
    rows[0],
    `shim ok ${path} launches Claude Code through the gateway`,
  );
  assertStringIncludes(rows[1], `program ok ${Deno.execPath()} run`);
  assertEquals(rows.slice(2), [
    "flags ok --rpai-profile=prod --model=it's $HOME: profile " +
    `"prod" of ${world.home}/.rpai/config, gateway https://gw.example, ` +
    'provider "main"',
  ]);
});

Deno.test("doctor SHIM says why a shim leads nowhere", async () => {
  await using world = await makeWorld();
  const path = await makeShim(world, ["-p", "prod"]);
  const whole = await Deno.readTextFile(path);
  const last = async (text: string, expected: string, mode = 0o755) => {
    await Deno.writeTextFile(path, text);
    await Deno.chmod(path, mode);
    const { code, rows } = await diagnose(world, path);
    assertEquals(code, 1);
    const failed = rows.filter((row) => / fail /.test(row));
    assertEquals(failed.length, 1, rows.join("\n"));
    assertStringIncludes(failed[0], expected);
  };
  await last(whole, "is not executable", 0o644);
  await last("#!/bin/sh\nexec claude\n", "is not a shim of ai-claude");
  await last("", "is not a shim of ai-claude");
  await last(`${whole.split("\n").slice(0, 2).join("\n")}\n`, "is not a shim");
  await last("x".repeat(100_000), `cannot read ${path}`);
  await last(
    whole.replace(Deno.execPath(), "/gone/deno"),
    "the shim starts /gone/deno, which is not an executable file",
  );
  await last(
    whole.replaceAll("main.ts", "gone.ts"),
    "gone.ts, which is gone",
  );
  await last(
    whole.replace("--rpai-profile=prod", "--rpai-profile=gone"),
    'profile "gone" is not in',
  );
  await last(
    whole.replace("--rpai-profile=prod", "--no-such-flag"),
    "the shim's launch flags cannot be used: unknown flag --no-such-flag",
  );
  await last(
    whole.replace("--rpai-profile=prod", "--rpai-profile=bare"),
    "no provider",
  );
  await Deno.remove(path);
  assertEquals(await diagnose(world, path), {
    code: 1,
    rows: [`shim fail ${path}: no such file`],
  });
});

Deno.test("doctor SHIM takes flags of its report only", async () => {
  await using world = await makeWorld();
  const path = await makeShim(world, ["-p", "prod"]);
  for (const flags of [["--probe"], ["-L", "x"], ["-p", "prod"]]) {
    const ended = await runInProcess(["doctor", path, ...flags], world.env);
    assertEquals([ended.code, ended.stdout], [2, ""]);
    assertStringIncludes(ended.stderr, "does not go with a shim");
  }
});

Deno.test("readShim() reads each word as it was quoted, on every system", () => {
  const words = [
    ...["C:\\Program Files\\deno.exe", "it's", 'a "b" c', "100%", "a\\", "$x"],
    ...["back\\\\slash ", '\\"', "--", "plain", "%A% \\\\"],
  ];
  const mark = "ai-claude shim: starts Claude Code through the gateway";
  const command = [...words, "__shim", ...words];
  const sh = command.map(quoteSh).join(" ");
  const cmd = command.map(quoteCmd).join(" ");
  const expected = { program: words, flags: words };
  assertEquals(
    readShim(`#!/bin/sh\n# ${mark}\nexec ${sh} -- "$@"\n`, "linux"),
    expected,
  );
  assertEquals(
    readShim(`@rem ${mark}\r\n@${cmd} -- %*\r\n`, "windows"),
    expected,
  );
});
