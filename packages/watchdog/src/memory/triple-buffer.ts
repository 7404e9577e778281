/**
 * Three blocks of memory between one thread that writes and one that reads. The writer has one, the reader has one, and
 * the third is the newest that was written, which either of them takes by giving its own for it in one atomic step. So
 * no two threads ever touch a block at once: nothing can be read half written, nobody waits, and a writer that stands
 * still in the middle leaves the reader what was written before.
 */
export interface TripleBuffer {
  /** The number of the block between the two, and whether the reader has yet to take it. */
  readonly middle: Int32Array<SharedArrayBuffer>;
  readonly blocks: readonly SharedArrayBuffer[];
}

const unread = 4;
const blockNumber = 3;

/** A block grows by no less than this many bytes: a body that gets longer by a digit costs no memory of its own. */
const growByBytes = 65_536;

/** Makes an empty one, in which nothing longer than `maxBytes` can be published. It takes up no more than it holds. */
export function createTripleBuffer(maxBytes: number): TripleBuffer {
  const middle = new Int32Array(new SharedArrayBuffer(4));
  middle[0] = 1;
  const block = () => new SharedArrayBuffer(0, { maxByteLength: maxBytes });
  return { middle, blocks: [block(), block(), block()] };
}

/** The side that publishes: one for each buffer. */
export class TripleWriter {
  readonly #middle: Int32Array<SharedArrayBuffer>;
  readonly #blocks: Blocks;
  #own = 0;

  constructor({ middle, blocks }: TripleBuffer) {
    this.#middle = middle;
    this.#blocks = new Blocks(blocks);
  }

  /**
   * Has `write` fill a block of at least so many bytes, and publishes it. Throws a `RangeError` for more than the
   * buffer's `maxBytes`. Where anything throws, what was published before stays.
   */
  publish(bytes: number, write: (block: Buffer) => void): void {
    write(this.#blocks.ofLength(this.#own, bytes));
    this.#own = Atomics.exchange(this.#middle, 0, this.#own | unread) & blockNumber;
  }
}

/** The side that reads: one for each buffer. */
export class TripleReader {
  readonly #middle: Int32Array<SharedArrayBuffer>;
  readonly #blocks: Blocks;
  #own = 2;

  constructor({ middle, blocks }: TripleBuffer) {
    this.#middle = middle;
    this.#blocks = new Blocks(blocks);
  }

  /**
   * What was published last: the same object until something newer is, and unchanged until the next call. Empty where
   * nothing ever was.
   */
  read(): Buffer {
    if ((Atomics.load(this.#middle, 0) & unread) !== 0) {
      this.#own = Atomics.exchange(this.#middle, 0, this.#own) & blockNumber;
    }
    return this.#blocks.ofLength(this.#own, 0);
  }
}

/** The blocks as one thread sees them. */
class Blocks {
  readonly #blocks: readonly SharedArrayBuffer[];
  /** A block that has grown is seen anew. */
  readonly #views: Buffer[];

  constructor(blocks: readonly SharedArrayBuffer[]) {
    this.#blocks = blocks;
    this.#views = blocks.map((block) => Buffer.from(block));
  }

  /** One of them, grown to so many bytes where it is shorter. */
  ofLength(number: number, bytes: number): Buffer {
    const block = this.#blocks[number] as SharedArrayBuffer;
    if (block.byteLength < bytes) {
      const rounded = Math.ceil(bytes / growByBytes) * growByBytes;
      block.grow(Math.min(rounded, Math.max(bytes, block.maxByteLength)));
    }
    const view = this.#views[number] as Buffer;
    if (view.byteLength === block.byteLength) return view;
    const grown = Buffer.from(block);
    this.#views[number] = grown;
    return grown;
  }
}
