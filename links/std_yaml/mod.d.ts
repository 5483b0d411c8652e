/** Which scalars become something else than text; `failsafe` converts none. */
export type SchemaType = "failsafe" | "json" | "core" | "default" | "extended";

/** The options of {@link parse}. */
export interface ParseOptions {
  /** Let the last of several equal keys win instead of throwing. */
  allowDuplicateKeys?: boolean;
  /** `"default"` when not given. */
  schema?: SchemaType;
  /** Called for what is odd but readable. */
  onWarning?(error: Error): void;
}

/** The options of {@link stringify}. */
export interface StringifyOptions {
  /** Columns per level, 2 when not given. */
  indent?: number;
  /** Whether a list inside a mapping is indented, `true` when not given. */
  arrayIndent?: boolean;
  /** Leave out what YAML cannot hold (`undefined`, functions), not throw. */
  skipInvalid?: boolean;
  /** From this level on write `{}` and `[]`; never when not given. */
  flowLevel?: number;
  /** `"default"` when not given. */
  schema?: SchemaType;
  /** Order of the keys; that of insertion when not given. */
  sortKeys?: boolean | ((a: string, b: string) => number);
  /** Column at which folded text is broken, 80 when not given. */
  lineWidth?: number;
  /** Write a repeated object as `&anchor` and `*alias`, `true` by default. */
  useAnchors?: boolean;
  /** Quote words that older YAML takes for booleans, `true` by default. */
  compatMode?: boolean;
}

/** Reads one YAML document; throws a `SyntaxError` naming line and column. */
export declare function parse(content: string, options?: ParseOptions): unknown;

/** Writes one YAML document; throws a `TypeError` on what YAML cannot hold. */
export declare function stringify(
  data: unknown,
  options?: StringifyOptions,
): string;
