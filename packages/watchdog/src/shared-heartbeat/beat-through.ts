import { readMemory, word } from "./heartbeat-memory.ts";

/**
 * What a thread calls to say that its loop turned: `buffer` is that of the heartbeat which listens to it. `now` gives
 * nanoseconds of the clock that the listener has too; default the process's own. Throws for any other buffer.
 */
export function beatThrough(
  buffer: SharedArrayBuffer,
  { now = process.hrtime.bigint }: { readonly now?: () => bigint } = {},
): () => void {
  const memory = readMemory(buffer);
  return () => {
    Atomics.store(memory, word.beatAt, now());
    Atomics.add(memory, word.beats, 1n);
    if (Atomics.load(memory, word.awaited) === 0n) return;
    Atomics.store(memory, word.awaited, 0n);
    Atomics.notify(memory, word.awaited);
  };
}
