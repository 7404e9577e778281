// A thread that publishes as fast as it can until it is told that enough was read. Every word of what it publishes is the
// number of the publication, and its length changes each time, so that the blocks grow while they are read.
import { workerData } from "node:worker_threads";
import { type TripleBuffer, TripleWriter } from "../../src/memory/triple-buffer.ts";

/** What the writing thread is given. */
export interface Race {
  readonly buffer: TripleBuffer;
  /** Set to 1 to end the race; then the number of publications. */
  readonly ended: Int32Array<SharedArrayBuffer>;
  /** Publications at least. */
  readonly times: number;
}

/** The most words of a publication; the first says how many there are. */
export const mostWords = 24;

/** Blocks as words; made once for each, since making one takes longer than to read or write it. */
export function wordsOf(): (block: Buffer) => Int32Array {
  const known = new Map<Buffer, Int32Array>();
  return (block) => {
    const words = known.get(block) ?? new Int32Array(block.buffer);
    known.set(block, words);
    return words;
  };
}

if (workerData?.buffer !== undefined) {
  const { buffer, ended, times } = workerData as Race;
  const writer = new TripleWriter(buffer);
  const inWords = wordsOf();
  let published = 0;
  while (published < times || Atomics.load(ended, 0) === 0) {
    const length = 2 + (published % (mostWords - 1));
    writer.publish(4 * length, (block) => {
      const words = inWords(block);
      words[0] = length;
      for (let i = 1; i < length; i++) words[i] = published;
    });
    published++;
  }
  Atomics.store(ended, 1, published);
}
