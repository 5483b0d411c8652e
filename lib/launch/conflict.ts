/**
 * Something that stops a launch, or that its user should know.
 *
 * @module
 */

export interface Conflict {
  /** Whether it stops the launch; otherwise it is a warning. */
  refused: boolean;
  message: string;
  hint?: string;
  /** The settings file that it is about. */
  path?: string;
  /** The keys of that file, such as `env.ANTHROPIC_BASE_URL`. */
  keys?: readonly string[];
}
