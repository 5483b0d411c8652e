/**
 * Gives memory back while a large body passes. V8 counts a buffer's handle and
 * hardly its bytes, and lets some 60 MiB of spent ones pile up.
 *
 * @module
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes after which spent buffers are collected: some 10 ms each time. */
const EVERY = 4 * 1024 * 1024;

/** Makes a function that is told how many bytes have passed. */
export function bufferCollector(): (bytes: number) => void {
  const collect = garbageCollector();
  let passed = 0;
  return (bytes) => {
    passed += bytes;
    if (passed < EVERY) return;
    passed = 0;
    collect();
  };
}

/** V8's own, which a context has that is made while the flag is on. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("globalThis.gc");
  setFlagsFromString("--no-expose-gc");
  return typeof gc === "function" ? () => gc() : () => {};
}
