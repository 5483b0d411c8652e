/** Switches the styles below on or off; without effect under `NO_COLOR`. */
export declare function setColorEnabled(value: boolean): void;

/** Whether the styles below write escape sequences. */
export declare function getColorEnabled(): boolean;

/** The text in bold. */
export declare function bold(str: string): string;

/** The text dimmed. */
export declare function dim(str: string): string;

/** The text in red. */
export declare function red(str: string): string;

/** The text in green. */
export declare function green(str: string): string;

/** The text in yellow. */
export declare function yellow(str: string): string;

/** The text in cyan. */
export declare function cyan(str: string): string;

/** The text without its escape sequences. */
export declare function stripAnsiCode(string: string): string;
