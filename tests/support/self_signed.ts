/**
 * A certificate authority for one test: a self-signed certificate made anew each
 * time, so that no key is kept anywhere.
 *
 * @module
 */

/** A certificate and its key, as PEM. */
export interface SelfSigned {
  /** The certificate, which is its own authority. */
  cert: string;
  /** The private key. */
  key: string;
}

/** Makes a certificate for names and 127.0.0.1, valid for a day either way. */
export async function selfSigned(...names: string[]): Promise<SelfSigned> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ]);
  const spki = await crypto.subtle.exportKey("spki", keys.publicKey);
  const day = 24 * 60 * 60 * 1000;
  const name = sequence(
    der(0x31, sequence(oid("550403"), der(0x0c, text("ai-claude test")))),
  );
  const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
  const alternatives = sequence(
    ...names.map((name) => der(0x82, text(name))),
    der(0x87, Uint8Array.of(127, 0, 0, 1)),
  );
  const extensions = sequence(
    sequence(oid("551d11"), der(0x04, alternatives)),
  );
  const body = sequence(
    der(0xa0, der(0x02, Uint8Array.of(2))),
    der(0x02, Uint8Array.of(1, ...crypto.getRandomValues(new Uint8Array(8)))),
    ecdsaWithSha256,
    name,
    sequence(time(Date.now() - day), time(Date.now() + day)),
    name,
    new Uint8Array(spki),
    der(0xa3, extensions),
  );
  const signature = new Uint8Array(
    await crypto.subtle.sign(
      { name: "ECDSA", hash: "SHA-256" },
      keys.privateKey,
      body,
    ),
  );
  const certificate = sequence(
    body,
    ecdsaWithSha256,
    der(
      0x03,
      Uint8Array.of(0),
      sequence(
        integer(signature.subarray(0, 32)),
        integer(signature.subarray(32)),
      ),
    ),
  );
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    cert: pem("CERTIFICATE", certificate),
    key: pem("PRIVATE KEY", new Uint8Array(pkcs8)),
  };
}

/** A value of ASN.1 in its DER encoding. */
function der(tag: number, ...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = parts.flatMap((part) => [...part]);
  const { length } = content;
  const size = length < 0x80
    ? [length]
    : length < 0x100
    ? [0x81, length]
    : [0x82, length >> 8, length & 0xff];
  return Uint8Array.of(tag, ...size, ...content);
}

function sequence(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return der(0x30, ...parts);
}

function oid(hex: string): Uint8Array {
  return der(0x06, Uint8Array.fromHex(hex));
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

/** An unsigned number: without leading zeros, but never with a sign bit. */
function integer(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(start === -1 ? bytes.length - 1 : start);
  return der(0x02, Uint8Array.of(...digits[0] > 0x7f ? [0] : [], ...digits));
}

function time(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replace(/\D/g, "").slice(2, 14);
  return der(0x17, text(`${digits}Z`));
}

function pem(label: string, bytes: Uint8Array): string {
  const lines = bytes.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${
    lines.join("\n")
  }\n-----END ${label}-----\n`;
}
