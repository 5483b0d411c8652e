import { assertEquals } from "@std/assert";
import { sayingWaits } from "../../lib/system/waiting.ts";
import { eventually } from "../support/eventually.ts";
import { type FakeMachine, fakeSys } from "../support/fake_sys.ts";

const URL = "https://gw.example.com/x";

/** A terminal, a fetch that ends when told, and a wait that ends when told. */
function slowMachine(machine: FakeMachine = { terminals: ["stderr"] }) {
  const answer = Promise.withResolvers<Response>();
  const patience = Promise.withResolvers<void>();
  const waits: number[] = [];
  const sys = Object.assign(
    fakeSys({ ...machine, fetch: () => answer.promise }),
    {
      sleep: (ms: number, signal?: AbortSignal) => {
        waits.push(ms);
        signal?.addEventListener("abort", () => patience.reject("aborted"));
        return patience.promise;
      },
    },
  );
  return { sys, answer, patience, waits };
}

Deno.test("sayingWaits() says after 0.7 s whom it waits for, and takes it back", async () => {
  const { sys, answer, patience, waits } = slowMachine();
  const asked = sayingWaits(sys).fetch(URL);
  assertEquals(sys.stderr, "");
  patience.resolve();
  const said = "\r\x1b[Kwaiting for gw.example.com ...";
  await eventually("it was said", () => sys.stderr === said || undefined);
  answer.resolve(new Response("x"));
  assertEquals(await (await asked).text(), "x");
  assertEquals(sys.stderr, `${said}\r\x1b[K`);
  assertEquals(waits, [700]);
});

Deno.test("sayingWaits() says nothing of an answer that comes in time, or fails", async () => {
  const { sys, answer } = slowMachine();
  const asked = sayingWaits(sys).fetch(URL);
  answer.reject(new TypeError("down"));
  assertEquals(await asked.catch((error) => error.message), "down");
  assertEquals(sys.stderr, "");
});

Deno.test("sayingWaits() is the machine itself without a terminal", () => {
  const { sys } = slowMachine({ terminals: ["stdout", "stdin"] });
  assertEquals(sayingWaits(sys) === sys, true);
});
