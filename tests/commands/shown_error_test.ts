import { assertEquals } from "@std/assert";
import { startError } from "../../lib/commands/shown_error.ts";
import { CHECKOUT, fakeSys } from "../support/fake_sys.ts";

const UNKNOWN = new TypeError(
  'Import "@std/cli/parse-args" not a dependency\n    at file:///src/main.ts:58:14',
);

Deno.test("startError() says what works from a checkout, for the shell", () => {
  const runtime = { ...CHECKOUT, mainModule: "file:///my%20src/main.ts" };
  const error = startError(UNKNOWN, fakeSys({ runtime }));
  assertEquals(
    [error?.message, error?.hint],
    [
      "cannot run file:///my%20src/main.ts: Deno was not told of its deno.json, " +
      "as after `deno install -g` from a checkout",
      "deno install -g -A -f jsr:@rp/ai-claude, or `deno task compile` in the " +
      "checkout, or an alias for: /usr/bin/deno run --quiet --no-prompt -A " +
      '--config "/my src/deno.json" "/my src/main.ts"',
    ],
  );
  const windows = fakeSys({
    platform: "windows",
    runtime: { ...CHECKOUT, mainModule: "file:///C:/my%20src/main.ts" },
  });
  assertEquals(
    startError(UNKNOWN, windows)?.hint?.endsWith(
      '--config "C:\\my src\\deno.json" "C:\\my src\\main.ts"',
    ),
    true,
  );
});

Deno.test("startError() leaves every other error alone", () => {
  const jsr = "https://jsr.io/@rp/ai-claude/1.2.3/main.ts";
  const published = fakeSys({ runtime: { ...CHECKOUT, mainModule: jsr } });
  assertEquals(startError(UNKNOWN, published), undefined);
  for (const error of [new TypeError("x"), new Error(UNKNOWN.message), "x"]) {
    assertEquals(startError(error, fakeSys()), undefined);
  }
});
