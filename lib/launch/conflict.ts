/**
 * Something of a launch that does not go as somebody wanted it to.
 *
 * @module
 */

/** Something that does not go as somebody wanted it to. */
export interface Conflict {
  /** Whether it stops the launch; otherwise it is merely odd. */
  refused: boolean;
  /** One line. */
  message: string;
  /** What to do about it. */
  hint?: string;
  /** The settings file that it is about. */
  path?: string;
  /** The keys of that file, such as `env.ANTHROPIC_BASE_URL`. */
  keys?: readonly string[];
}
