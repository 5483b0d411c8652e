/**
 * Gives up on a gateway that has gone silent.
 *
 * @module
 */

/** Aborts what it was started for, unless something comes in time. */
export interface StallTimer extends Disposable {
  /** Aborts when nothing came. */
  readonly signal: AbortSignal;
  /** Passes a body on; each piece of it restarts the timer. */
  watch(
    body: ReadableStream<Uint8Array<ArrayBuffer>>,
  ): ReadableStream<Uint8Array<ArrayBuffer>>;
}

export function stallTimer(ms: number): StallTimer {
  const stalled = new AbortController();
  const begin = () =>
    setTimeout(
      () => stalled.abort(new Error(`nothing came for ${ms / 1000} s`)),
      ms,
    );
  let timer = begin();
  const stop = () => clearTimeout(timer);

  async function* pieces(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    try {
      for await (const piece of body) {
        stop();
        timer = begin();
        yield piece;
        // It was sent; V8 would let some 60 MiB of sent ones pile up.
        piece.buffer.transfer(0);
      }
    } finally {
      stop();
    }
  }

  return {
    signal: stalled.signal,
    watch: (body) => ReadableStream.from(pieces(body)),
    [Symbol.dispose]: stop,
  };
}
