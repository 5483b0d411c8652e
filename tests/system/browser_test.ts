import { assertEquals } from "@std/assert";
import { browserCommand } from "../../lib/system/browser.ts";
import { type FakeMachine, fakeSys } from "../support/fake_sys.ts";

const URL_ = "https://login.example/activate?user_code=AB-CD&x=$(id)";

/** Path and arguments of what would be run. */
async function command(
  machine: FakeMachine,
): Promise<string[] | undefined> {
  const found = await browserCommand(URL_, fakeSys(machine));
  return found && [found.path, ...found.args];
}

const DESKTOP: FakeMachine = {
  terminals: ["stderr"],
  env: { PATH: "/usr/bin", DISPLAY: ":0" },
  executables: ["/usr/bin/xdg-open", "/usr/bin/open", "/usr/bin/firefox"],
};

function desktop(env: Record<string, string>): FakeMachine {
  return { ...DESKTOP, env: { ...DESKTOP.env, ...env } };
}

Deno.test("browserCommand() opens with what the platform has", async () => {
  assertEquals(await command(DESKTOP), ["/usr/bin/xdg-open", URL_]);
  assertEquals(
    await command({
      ...DESKTOP,
      env: { PATH: "/usr/bin" },
      platform: "darwin",
    }),
    ["/usr/bin/open", URL_],
  );
  assertEquals(
    await command({
      platform: "windows",
      terminals: ["stderr"],
      env: { PATH: "C:\\Windows\\System32" },
      executables: ["C:\\Windows\\System32\\rundll32.exe"],
    }),
    [
      "C:\\Windows\\System32\\rundll32.exe",
      "url.dll,FileProtocolHandler",
      URL_,
    ],
  );
});

Deno.test("browserCommand() takes Wayland for a display", async () => {
  const wayland = { PATH: "/usr/bin", WAYLAND_DISPLAY: "wayland-0" };
  assertEquals(await command({ ...DESKTOP, env: wayland }), [
    "/usr/bin/xdg-open",
    URL_,
  ]);
});

Deno.test("browserCommand() opens nothing where nobody would see it", async () => {
  const cases: Record<string, FakeMachine> = {
    "no terminal": { ...DESKTOP, terminals: ["stdout"] },
    CI: desktop({ CI: "true" }),
    SSH: desktop({ SSH_CONNECTION: "10.0.0.1 1 10.0.0.2 22" }),
    "no display": { ...DESKTOP, env: { PATH: "/usr/bin" } },
    "empty display": desktop({ DISPLAY: "" }),
    "no opener": { ...DESKTOP, executables: [] },
    "relative PATH": { ...DESKTOP, env: { PATH: ".:bin", DISPLAY: ":0" } },
  };
  for (const [name, machine] of Object.entries(cases)) {
    assertEquals(await command(machine), undefined, name);
  }
});

Deno.test("browserCommand() goes by BROWSER, even when headless", async () => {
  const headless = { PATH: "/usr/bin", CI: "1" };
  for (const BROWSER of ["firefox", "/opt/browser"]) {
    const path = BROWSER === "firefox" ? "/usr/bin/firefox" : BROWSER;
    const machine = {
      ...DESKTOP,
      terminals: [],
      env: { ...headless, BROWSER },
    };
    assertEquals(await command(machine), [path, URL_]);
  }
  assertEquals(await command(desktop({ BROWSER: "no-such" })), undefined);
});

Deno.test("browserCommand() takes an empty BROWSER for none", async () => {
  assertEquals(await command(desktop({ BROWSER: "" })), [
    "/usr/bin/xdg-open",
    URL_,
  ]);
});
