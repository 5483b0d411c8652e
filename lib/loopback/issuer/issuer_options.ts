/**
 * What the embedded issuer is told to be: whom it knows and what it grants.
 *
 * @module
 */

/** What becomes of a sign-in that nobody decides in the browser. */
export type DeviceOutcome = "approve" | "deny" | "expire" | "never";

/** How the device grant goes. */
export interface LoopbackDeviceOptions {
  /**
   * Seconds between two polls, fractions allowed. Default: 5. A slow_down makes
   * it longer by 5; by itself when it is below 1, for tests in real time.
   */
  interval?: number;
  /** Seconds until the codes expire, fractions allowed. Default: 900. */
  expiresIn?: number;
  /** Default: `never`, it waits for a decision until the codes expire. */
  outcome?: DeviceOutcome;
  /** How many polls get authorization_pending before the outcome. Default: 0. */
  afterPolls?: number;
  /** How many polls get slow_down before anything else. Default: 0. */
  slowDown?: number;
}

/** What {@linkcode startLoopbackIssuer} is given. */
export interface LoopbackIssuerOptions {
  /** The only public client. Default: any. */
  clientId?: string;
  /** The only audience. Default: any, or none. */
  audience?: string;
  /** Lifetime of access tokens, fractions allowed. Default: 3600. */
  accessTokenSeconds?: number;
  /** Whether `offline_access` is granted. Default: true. */
  refreshTokens?: boolean;
  /**
   * Seconds for which the refresh token before the current one still works, as
   * issuers grant it to a client that lost their answer. Default: 0.
   */
  refreshLeewaySeconds?: number;
  /** Default: `jwt`. */
  tokens?: "jwt" | "opaque" | "jwt-without-exp";
  /** Who signs in. Default: `dev@example.com`. */
  email?: string;
  /** Who signs in, as `sub`. Default: `auth0|loopback`. */
  subject?: string;
  /** Id of the organization in every token. Default: `org-loopback`. */
  organization?: string;
  /** How the device grant goes. */
  device?: LoopbackDeviceOptions;
  /** Secrets by client id, for client credentials. Default: none. */
  clients?: Record<string, string>;
  /**
   * Milliseconds since 1970. Default: the real time. Lifetimes and the pace of
   * polling go by it.
   */
  now?: () => number;
  /** How far `iat` and `exp` are ahead of `now`. Default: 0. */
  clockSkewMs?: number;
  /**
   * `cloud-api` takes JSON bodies only and has no discovery; `standard`, the
   * default, takes form bodies only.
   */
  style?: "standard" | "cloud-api";
  /** Default: 0, a free port. */
  port?: number;
}

/** The options with their defaults filled in, as the endpoints see them. */
export interface IssuerRules {
  clientId: string | undefined;
  audience: string | undefined;
  accessTokenSeconds: number;
  refreshTokens: boolean;
  refreshLeewaySeconds: number;
  tokens: "jwt" | "opaque" | "jwt-without-exp";
  email: string;
  subject: string;
  organization: string;
  device: Required<LoopbackDeviceOptions>;
  /** Secrets by client id. */
  clients: ReadonlyMap<string, string>;
  now: () => number;
  clockSkewMs: number;
  style: "standard" | "cloud-api";
}

/** Fills in the defaults of the options. */
export function issuerRules(options: LoopbackIssuerOptions): IssuerRules {
  const { device = {} } = options;
  return {
    clientId: options.clientId,
    audience: options.audience,
    accessTokenSeconds: options.accessTokenSeconds ?? 3600,
    refreshTokens: options.refreshTokens ?? true,
    refreshLeewaySeconds: options.refreshLeewaySeconds ?? 0,
    tokens: options.tokens ?? "jwt",
    email: options.email ?? "dev@example.com",
    subject: options.subject ?? "auth0|loopback",
    organization: options.organization ?? "org-loopback",
    device: {
      interval: device.interval ?? 5,
      expiresIn: device.expiresIn ?? 900,
      outcome: device.outcome ?? "never",
      afterPolls: device.afterPolls ?? 0,
      slowDown: device.slowDown ?? 0,
    },
    clients: new Map(Object.entries(options.clients ?? {})),
    now: options.now ?? Date.now,
    clockSkewMs: options.clockSkewMs ?? 0,
    style: options.style ?? "standard",
  };
}
