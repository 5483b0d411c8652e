import { assertEquals } from "@std/assert";
import { REDACTED, redactText } from "../../lib/base/redact.ts";
import { redactEnv } from "../../lib/launch/redact_env.ts";

Deno.test("redactEnv() hides variables whose names sound like a secret, unless blank", () => {
  const names = ["RPAI_TOKEN", "AWS_BEARER_TOKEN_BEDROCK", "MY_PASSWORD"]
    .concat("AWS_SECRET_ACCESS_KEY", "DB_PASSWD", "ANTHROPIC_API_KEY")
    .concat("OPENAI_APIKEY", "GOOGLE_CREDENTIALS", "PRIVATE_KEY", "NPM_AUTH")
    .concat("github_token");
  for (const name of names) {
    assertEquals(redactEnv({ [name]: "value" }, []), { [name]: REDACTED });
    assertEquals(redactEnv({ [name]: "" }, []), { [name]: "" });
  }
});

Deno.test("redactEnv() shows what is no secret", () => {
  const env = {
    PATH: "/bin",
    ANTHROPIC_BASE_URL: "https://gw.example.com",
    CLAUDE_CODE_SKIP_BEDROCK_AUTH: "1",
    CLAUDE_CODE_USE_BEDROCK: "1",
    ANTHROPIC_DEFAULT_OPUS_MODEL: "claude-opus-4-1",
  };
  assertEquals(redactEnv(env, []), env);
});

Deno.test("redactEnv() hides the variables it is told to", () => {
  assertEquals(redactEnv({ HARMLESS: "a", OTHER: "b" }, ["HARMLESS"]), {
    HARMLESS: REDACTED,
    OTHER: "b",
  });
});

Deno.test("redactEnv() shows header names and hides each value", () => {
  const headers = (text: string) =>
    redactEnv({ ANTHROPIC_CUSTOM_HEADERS: text }, []).ANTHROPIC_CUSTOM_HEADERS;
  assertEquals(
    headers("X-A: b\nX-Time: 1:2:3\nX-Redpanda-Cloud-Token: t"),
    [
      "X-A: <redacted>",
      "X-Time: <redacted>",
      "X-Redpanda-Cloud-Token: <redacted>",
    ].join("\n"),
  );
  assertEquals(headers("a-line-without-a-colon"), REDACTED);
  assertEquals(headers(":starts with a colon").includes("starts"), false);
});

Deno.test("redactText() replaces every occurrence of every secret", () => {
  assertEquals(
    redactText('{"a":"secret-1","b":"secret-1 secret-2"}', [
      "secret-1",
      "secret-2",
    ]),
    '{"a":"<redacted>","b":"<redacted> <redacted>"}',
  );
});

Deno.test("redactText() takes a secret literally", () => {
  assertEquals(
    redactText("a$&.*b a$&.*b", ["a$&.*b"]),
    "<redacted> <redacted>",
  );
});

Deno.test("redactText() leaves words too short to be a secret", () => {
  assertEquals(redactText("the token", ["", "token"]), "the token");
});
