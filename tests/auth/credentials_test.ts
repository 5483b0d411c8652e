import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type CredentialsFile,
  currentOrganization,
  findGrant,
  findLogin,
  type GrantPlace,
  organizationsOf,
  parseCredentials,
  type StoredGrant,
  withGrant,
  withLogin,
  withoutAll,
  withoutLogin,
} from "../../lib/auth/credentials.ts";
import { CliError } from "../../lib/base/errors.ts";

const ISSUER = "https://issuer.example.com";
const OTHER = "https://other.example.com";
const PATH = "/home/me/.rpai/ai-claude.credentials.json";
const GRANTED = Date.UTC(2026, 7, 1, 12, 0, 0);

const minted = (key: string, issuer = ISSUER): GrantPlace => ({
  ...{ issuer, kind: "clients", key },
});

/** A file of a later version: everything in it that is not known must stay. */
const RICH = JSON.stringify({
  version: 7,
  future: ["a", { b: "c" }, null],
  issuers: {
    [OTHER]: {
      current_organization: "theirs",
      novelty: true,
      organizations: {
        theirs: {
          access_token: "their-token",
          refresh_token: "their-refresh",
          expires_at: "2026-08-01T13:00:00.000Z",
          obtained_at: "2026-08-01T12:00:00.000Z",
          device_name: 0x1f,
        },
      },
    },
    [ISSUER]: {
      current_organization: "one",
      region: null,
      organizations: {
        one: {
          access_token: "token-1",
          refresh_token: "refresh-1",
          expires_at: "2026-08-01T13:00:00.000Z",
          obtained_at: "2026-08-01T12:00:00.000Z",
          identity: "one@example.com",
          organization: "one",
          color: "007",
        },
        two: {
          access_token: "token-2",
          refresh_token: "refresh-2",
          expires_at: "2026-08-01T13:00:00.000Z",
          obtained_at: "2026-08-01T12:00:00.000Z",
          organization: "two",
        },
      },
      clients: {
        "ci.0123abcd": {
          access_token: "minted-1",
          expires_at: "2026-08-01T13:00:00.000Z",
          obtained_at: "2026-08-01T12:00:00.000Z",
        },
      },
    },
  },
});

Deno.test("parseCredentials() takes an empty file for one without logins", () => {
  const texts = ["", "\n", "{}", '{"issuers": {}}\n'];
  for (const text of texts) {
    const file = parseCredentials(text, PATH);
    assertEquals(findLogin(file, ISSUER), undefined);
    assertEquals(organizationsOf(file, ISSUER), []);
  }
});

Deno.test("parseCredentials() refuses what it does not understand", () => {
  const issuer = (server: unknown) =>
    JSON.stringify({ issuers: { [ISSUER]: server } });
  const login = (fields: unknown) => issuer({ organizations: { one: fields } });
  const whole = {
    access_token: "t",
    refresh_token: "r",
    expires_at: "2026-08-01T13:00:00.000Z",
    obtained_at: "2026-08-01T12:00:00.000Z",
  };
  const file = parseCredentials(login(whole), PATH);
  assertEquals(findLogin(file, ISSUER, "one")?.accessToken, "t");
  const shapes = [
    "[]",
    '"text"',
    "42",
    "null",
    "issuers: {}",
    '{"issuers": {}',
    '{"issuers": ["a"]}',
    '{"issuers": "text"}',
    '{"issuers": null}',
    issuer("text"),
    issuer(["a"]),
    issuer({ organizations: ["a"] }),
    issuer({ clients: { one: [] } }),
    issuer({ clients: { ci: { access_token: "t" } } }),
    login("text"),
    "<<<<<<< HEAD\n{}\n",
    "\0\0\0\0",
    login({ ...whole, access_token: undefined }),
    login({ ...whole, expires_at: undefined }),
    login({ ...whole, obtained_at: undefined }),
    login({ ...whole, access_token: "" }),
    login({ ...whole, access_token: "two words" }),
    login({ ...whole, access_token: "line\nbreak" }),
    login({ ...whole, access_token: "\u001b[2J" }),
    login({ ...whole, access_token: ["t"] }),
    login({ ...whole, expires_at: "tomorrow" }),
    login({ ...whole, expires_at: "2026-13-45T99:00:00Z" }),
    login({ ...whole, obtained_at: "" }),
  ];
  for (const text of shapes) {
    const error = assertThrows(
      () => parseCredentials(text, PATH),
      CliError,
      PATH,
      `not refused: ${text}`,
    );
    assertEquals(error.code, "failure");
    assert(error.hint?.includes("ai-claude auth login"), error.hint);
    // Nothing of the file is shown: it may be a token.
    assert(!`${error.message}${error.hint}`.includes("two words"));
  }
});

Deno.test("findLogin() finds the current organization, or the named one", () => {
  const file = parseCredentials(RICH, PATH);
  assertEquals(findLogin(file, ISSUER), {
    accessToken: "token-1",
    refreshToken: "refresh-1",
    expiresAt: GRANTED + 3_600_000,
    obtainedAt: GRANTED,
    identity: "one@example.com",
    organization: "one",
  });
  assertEquals(findLogin(file, ISSUER, "two")?.accessToken, "token-2");
  assertEquals(findLogin(file, OTHER)?.accessToken, "their-token");
  assertEquals(findLogin(file, ISSUER, "three"), undefined);
  assertEquals(findLogin(file, "https://nobody.example.com"), undefined);
  assertEquals(organizationsOf(file, ISSUER), ["one", "two"]);
});

Deno.test("findLogin() is not fooled by names that every object has", () => {
  const file = parseCredentials(RICH, PATH);
  for (const name of ["__proto__", "constructor", "toString"]) {
    assertEquals(findLogin(file, ISSUER, name), undefined, name);
    assertEquals(findLogin(file, name), undefined, name);
    assertEquals(findGrant(file, minted(name)), undefined, name);
    const stored = withLogin(file, name, grant({ organization: name }));
    assertEquals(
      findLogin(again(stored), name, name)?.accessToken,
      "new-token",
      name,
    );
  }
});

Deno.test("withLogin() keeps what is not its own", () => {
  const before = parseCredentials(RICH, PATH);
  const after = again(withLogin(before, ISSUER, grant()));
  const expected = structuredClone(before) as Rich;
  Object.assign(expected.issuers[ISSUER].organizations.one as object, {
    access_token: "new-token",
    refresh_token: "new-refresh",
    expires_at: "2026-08-01T14:00:00.000Z",
    obtained_at: "2026-08-01T13:00:00.000Z",
  });
  assertEquals(after, expected);
  assertEquals(before, parseCredentials(RICH, PATH), "changed in place");
});

Deno.test("withLogin() adds an organization and makes it the current one", () => {
  const file = parseCredentials(RICH, PATH);
  const after = again(
    withLogin(file, ISSUER, grant({ organization: "three" })),
  );
  assertEquals(organizationsOf(after, ISSUER), ["one", "two", "three"]);
  assertEquals(findLogin(after, ISSUER)?.accessToken, "new-token");
  assertEquals(findLogin(after, ISSUER, "one")?.accessToken, "token-1");
  assertEquals(findLogin(after, OTHER)?.accessToken, "their-token");
});

Deno.test("withLogin() stores no refresh token and no organization where none was granted", () => {
  const { refreshToken: _, organization: __, ...login } = grant();
  const first = again(withLogin(parseCredentials("", PATH), ISSUER, login));
  assertEquals(findLogin(first, ISSUER), login);
  const file = parseCredentials(RICH, PATH);
  const after = again(
    withLogin(file, ISSUER, { ...login, organization: "one" }),
  );
  assertEquals(findLogin(after, ISSUER)?.refreshToken, undefined);
});

Deno.test("withoutLogin() forgets one organization and keeps the rest", () => {
  const file = parseCredentials(RICH, PATH);
  const after = again(withoutLogin(file, ISSUER));
  const expected = structuredClone(file) as Rich;
  delete expected.issuers[ISSUER].organizations.one;
  expected.issuers[ISSUER].current_organization = "two";
  assertEquals(after, expected);
  assertEquals(findLogin(after, ISSUER)?.accessToken, "token-2");

  const named = again(withoutLogin(file, ISSUER, "two"));
  assertEquals(organizationsOf(named, ISSUER), ["one"]);
  assertEquals(findLogin(named, ISSUER)?.accessToken, "token-1");
});

Deno.test("withoutLogin() of the last login leaves nobody signed in", () => {
  let file = parseCredentials(RICH, PATH);
  file = again(withoutLogin(file, ISSUER));
  file = again(withoutLogin(file, ISSUER));
  assertEquals(findLogin(file, ISSUER), undefined);
  assertEquals(organizationsOf(file, ISSUER), []);
  assertEquals(findGrant(file, minted("ci.0123abcd"))?.accessToken, "minted-1");
  // Once more changes nothing.
  assertEquals(again(withoutLogin(file, ISSUER)), file);
});

Deno.test("withoutAll() leaves no token of anybody", () => {
  const file = again(withoutAll(parseCredentials(RICH, PATH)));
  assertEquals(file, {
    version: 7,
    future: ["a", { b: "c" }, null],
    issuers: {},
  });
});

Deno.test("withGrant() stores a client's token beside the logins", () => {
  const file = parseCredentials(RICH, PATH);
  const place = minted("ci.ffffffff");
  const after = again(withGrant(file, place, grant()));
  assertEquals(findGrant(after, place), grant());
  assertEquals(
    findGrant(after, minted("ci.0123abcd"))?.accessToken,
    "minted-1",
  );
  assertEquals(findGrant(after, minted("ci")), undefined);
  assertEquals(findGrant(after, minted("ci.ffffffff", OTHER)), undefined);
  assertEquals(findLogin(after, ISSUER), findLogin(file, ISSUER));
});

Deno.test("withGrant() replaces a login's token and leaves who is current", () => {
  const file = parseCredentials(RICH, PATH);
  const place = { issuer: ISSUER, kind: "organizations", key: "two" } as const;
  const after = again(
    withGrant(file, place, grant({ organization: undefined })),
  );
  assertEquals(findGrant(after, place)?.accessToken, "new-token");
  assertEquals(currentOrganization(after, ISSUER), "one");
  assertEquals(organizationsOf(after, ISSUER), ["one", "two"]);
});

Deno.test("names with blanks, line breaks and other scripts survive", () => {
  const texts = [" a ", "a\nb", "a\r\nb\n", "\ta", "日本 ", "é\u2028x", "😀"];
  for (const text of [...texts, ""]) {
    const login = grant({ identity: text, organization: text });
    const file = again(
      withLogin(parseCredentials("", PATH), ISSUER, login),
    );
    const { identity, organization, ...rest } = login;
    assertEquals(findLogin(file, ISSUER), {
      ...rest,
      ...(text === "" ? {} : { identity, organization }),
    }, JSON.stringify(text));
  }
});

interface Rich {
  [key: string]: unknown;
  issuers: Record<string, {
    current_organization: string;
    organizations: Record<string, unknown>;
  }>;
}

/** A login an hour later. */
function grant(fields: Partial<StoredGrant> = {}): StoredGrant {
  return {
    accessToken: "new-token",
    refreshToken: "new-refresh",
    expiresAt: GRANTED + 2 * 3_600_000,
    obtainedAt: GRANTED + 3_600_000,
    identity: "one@example.com",
    organization: "one",
    ...fields,
  };
}

/** What is read back after writing. */
function again(file: CredentialsFile): CredentialsFile {
  return parseCredentials(JSON.stringify(file), PATH);
}
