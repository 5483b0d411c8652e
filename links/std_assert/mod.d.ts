// deno-lint-ignore-file no-explicit-any -- the class parameters accept any constructor, as the real ones do

/** What a failed assertion throws. */
export declare class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions);
}

/** Whether two values are deeply equal. */
export declare function equal(a: unknown, b: unknown): boolean;

/** Fails unless the expression is truthy. */
export declare function assert(expr: unknown, msg?: string): asserts expr;

/** Fails unless the expression is falsy. */
export declare function assertFalse(
  expr: unknown,
  msg?: string,
): asserts expr is false | 0 | 0n | "" | null | undefined;

/** Fails unless two numbers differ by at most the tolerance. */
export declare function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void;

/** Fails unless both are deeply equal. */
export declare function assertEquals<T>(
  actual: T,
  expected: T,
  msg?: string,
): void;

/** Fails when both are deeply equal. */
export declare function assertNotEquals<T>(
  actual: T,
  expected: T,
  msg?: string,
): void;

/** Fails unless both are the same value, as `Object.is` says. */
export declare function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T;

/** Fails when the value is `null` or `undefined`. */
export declare function assertExists<T>(
  actual: T,
  msg?: string,
): asserts actual is NonNullable<T>;

/** Fails unless the value is an instance of the class. */
export declare function assertInstanceOf<
  T extends abstract new (...args: any[]) => any,
>(
  actual: unknown,
  expectedType: T,
  msg?: string,
): asserts actual is InstanceType<T>;

/** Fails unless the text matches the pattern. */
export declare function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void;

/** Fails when the text matches the pattern. */
export declare function assertNotMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void;

/** Fails unless the text contains the other. */
export declare function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void;

/** Fails unless the list contains every one of the expected items. */
export declare function assertArrayIncludes<T>(
  actual: ArrayLike<T> & object,
  expected: ArrayLike<T> & object,
  msg?: string,
): void;

/** Fails unless the object has the expected keys with equal values. */
export declare function assertObjectMatch(
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void;

/** Fails unless `actualValue > expectedValue`. */
export declare function assertGreater<T>(
  actualValue: T,
  expectedValue: T,
  msg?: string,
): void;

/** Fails unless `actualValue >= expectedValue`. */
export declare function assertGreaterOrEqual<T>(
  actualValue: T,
  expectedValue: T,
  msg?: string,
): void;

/** Fails unless `actualValue < expectedValue`. */
export declare function assertLess<T>(
  actualValue: T,
  expectedValue: T,
  msg?: string,
): void;

/** Fails unless `actualValue <= expectedValue`. */
export declare function assertLessOrEqual<T>(
  actualValue: T,
  expectedValue: T,
  msg?: string,
): void;

/** Fails unless the function throws; returns what it threw. */
export declare function assertThrows(fn: () => unknown, msg?: string): unknown;
/** The same, and what it threw must be of the class, with the text in its message. */
export declare function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: abstract new (...args: any[]) => E,
  msgIncludes?: string,
  msg?: string,
): E;

/** Fails unless the promise rejects; resolves to the reason. */
export declare function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
/** The same, and the reason must be of the class, with the text in its message. */
export declare function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: abstract new (...args: any[]) => E,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;

/** Fails. */
export declare function fail(msg?: string): never;

/** Fails: this place was thought unreachable. */
export declare function unreachable(msg?: string): never;
