/**
 * What the command line gave. The table of flags, which says what each is for,
 * is the parser's.
 *
 * @module
 */

/** Flags that were given, by long name. Not merged with the environment. */
export interface Flags {
  format?: string;
  "rpai-config"?: string;
  "rpai-endpoint"?: string;
  "rpai-profile"?: string;
  token?: string;
  "no-color"?: boolean;
  "rpai-verbose"?: boolean;
  llmprovider?: string;
  model?: string;
  passthrough?: boolean;
  bedrock?: boolean;
  relay?: boolean;
  "no-relay"?: boolean;
  "claude-config-dir"?: string;
  "print-settings"?: boolean;
  quiet?: boolean;
  timeout?: string;
  probe?: boolean;
  "name-contains"?: string;
  "client-id"?: string;
  "client-secret-file"?: string;
  issuer?: string;
  audience?: string;
  organization?: string;
  credentials?: string;
  rpk?: string;
  "with-login"?: boolean;
  "no-browser"?: boolean;
  all?: boolean;
  "refresh-within"?: string;
  "ai-gateway-url"?: string;
  "auth-mode"?: string;
  description?: string;
  from?: string;
}
