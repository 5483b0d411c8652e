/** The options of {@link parseArgs}. */
export interface ParseOptions {
  /** Put what follows the first `--` into the result's `"--"`, not into `_`. */
  "--"?: boolean;
  /** Other names of a flag; every name is set in the result. */
  alias?: Record<string, string | readonly string[]>;
  /** Flags that take no value and are `false` when absent. */
  boolean?: boolean | string | readonly string[];
  /** Values of absent flags. */
  default?: Record<string, unknown>;
  /** Leave everything after the first positional argument in `_`. */
  stopEarly?: boolean;
  /** Flags whose value stays text, `""` when missing; `"_"` for positionals. */
  string?: string | readonly string[];
  /** Flags that may be repeated, collected into an array. */
  collect?: string | readonly string[];
  /** Flags that understand `--no-<flag>`. */
  negatable?: string | readonly string[];
  /** Called for an argument no option names; `false` drops it. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/**
 * Splits a command line into flags and positional arguments. Each flag is
 * `unknown` here, where the real package infers it from literal options: code
 * that checks the value compiles against both. `"--"` is there only when the
 * option is literally `true`.
 */
export declare function parseArgs<
  DoubleDash extends boolean | undefined = undefined,
>(
  args: string[],
  options?: ParseOptions & { "--"?: DoubleDash },
):
  & { [flag: string]: unknown; _: Array<string | number> }
  & (true extends DoubleDash ? { "--": string[] } : unknown);
