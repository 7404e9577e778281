import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { createTripleBuffer, TripleReader, TripleWriter } from "../../src/memory/triple-buffer.ts";
import { mostWords, type Race, wordsOf } from "./racing-writer.ts";

const races = Number(process.env["RACES"] ?? 10_000_000);

/** Publishes a text. */
function publish(writer: TripleWriter, text: string): void {
  writer.publish(text.length, (block) => block.fill(0).write(text));
}

const textOf = (reader: TripleReader) => reader.read().toString().replaceAll("\0", "");

describe("a triple buffer", () => {
  it("has nothing to read at first, and then what was published last", () => {
    const buffer = createTripleBuffer(1_000);
    const writer = new TripleWriter(buffer);
    const reader = new TripleReader(buffer);
    expect(reader.read()).toHaveLength(0);
    publish(writer, "one");
    expect(textOf(reader)).toBe("one");
    expect(textOf(reader)).toBe("one");
    for (const text of ["two", "three", "four", "five"]) publish(writer, text);
    expect(textOf(reader)).toBe("five");
  });

  it("leaves what is being read alone, however often something newer is published", () => {
    const buffer = createTripleBuffer(1_000);
    const writer = new TripleWriter(buffer);
    const reader = new TripleReader(buffer);
    publish(writer, "held");
    const held = reader.read();
    for (let i = 0; i < 10; i++) publish(writer, `newer ${i}`);
    expect(held.toString().replaceAll("\0", "")).toBe("held");
    expect(textOf(reader)).toBe("newer 9");
  });

  it("shows what was published before, while the writer stands still in the middle and where it fails", () => {
    const buffer = createTripleBuffer(1_000);
    const writer = new TripleWriter(buffer);
    const reader = new TripleReader(buffer);
    publish(writer, "whole");
    writer.publish(4, (block) => {
      block.write("ha");
      expect(textOf(reader)).toBe("whole");
      expect(textOf(reader)).toBe("whole");
      block.write("lf", 2);
    });
    expect(textOf(reader)).toBe("half");
    const fail = () =>
      writer.publish(4, (block) => {
        block.write("ha");
        throw new Error("in the middle");
      });
    expect(fail).toThrow("in the middle");
    expect(textOf(reader)).toBe("half");
    publish(writer, "next");
    expect(textOf(reader)).toBe("next");
  });

  it("grows with what is published, up to its most bytes and never for nothing", () => {
    const buffer = createTripleBuffer(200_000);
    const writer = new TripleWriter(buffer);
    const reader = new TripleReader(buffer);
    expect(buffer.blocks.map(({ byteLength }) => byteLength)).toEqual([0, 0, 0]);
    publish(writer, "x".repeat(10));
    expect(buffer.blocks.map(({ byteLength }) => byteLength)).toEqual([65_536, 0, 0]);
    for (const bytes of [100_000, 199_999, 200_000]) {
      publish(writer, "y".repeat(bytes));
      expect(textOf(reader)).toHaveLength(bytes);
    }
    expect(Math.max(...buffer.blocks.map(({ byteLength }) => byteLength))).toBe(200_000);
    expect(() => publish(writer, "z".repeat(200_001))).toThrow(RangeError);
    expect(textOf(reader)).toHaveLength(200_000);
  });

  it(`is never read half written, in ${races} publications and as many reads of two threads`, async () => {
    const buffer = createTripleBuffer(65_536);
    const ended = new Int32Array(new SharedArrayBuffer(8));
    const race: Race = { buffer, ended, times: races };
    const writing = new Worker(new URL("./racing-writer.ts", import.meta.url), { workerData: race });
    const exited = once(writing, "exit");
    const reader = new TripleReader(buffer);
    while (reader.read().length === 0);
    const inWords = wordsOf();
    let torn = 0;
    let older = 0;
    let fresh = 0;
    let last = -1;
    for (let read = 0; read < races || fresh < races / 100; read++) {
      const words = inWords(reader.read());
      const length = words[0] as number;
      const first = words[1] as number;
      for (let i = 2; i < length; i++) if (words[i] !== first) torn++;
      if (length !== 2 + (first % (mostWords - 1))) torn++;
      if (first < last) older++;
      if (first !== last) fresh++;
      last = first;
    }
    Atomics.store(ended, 0, 1);
    await exited;
    expect({ torn, older }).toEqual({ torn: 0, older: 0 });
    // Threads that never meet prove nothing.
    expect(fresh).toBeGreaterThan(races / 100);
    expect(Atomics.load(ended, 1)).toBeGreaterThanOrEqual(races);
    expect(inWords(reader.read())[1]).toBe(Atomics.load(ended, 1) - 1);
  }, 120_000);
});
