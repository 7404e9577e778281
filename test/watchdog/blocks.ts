import { readFileSync } from "node:fs";

/** A word of shared memory that is 0 until the block is to end, when whoever waits at it is woken. */
export type Released = Int32Array<SharedArrayBuffer>;

/** A way in which an event loop is kept from turning; the name of the function is what the stack has to name. */
type Block = (released: Released, folder: string) => void | Promise<void>;

/** All of them. */
export const blocks: { readonly [way: string]: Block } = {
  busy: function spin(released) {
    while (Atomics.load(released, 0) === 0);
  },
  regex: function backtrack(released) {
    while (Atomics.load(released, 0) === 0) /^(a+)+$/.test(`${"a".repeat(24)}b`);
  },
  json: function parseHuge(released) {
    const huge = `[${'{"id":1,"names":["a","b"]},'.repeat(400_000)}0]`;
    while (Atomics.load(released, 0) === 0) JSON.parse(huge);
  },
  fifo: function readPipe(_released, folder) {
    readFileSync(`${folder}/pipe`);
  },
  wait: function sleepOn(released) {
    Atomics.wait(released, 0, 0);
  },
  microtasks: async function chain(released) {
    while (Atomics.load(released, 0) === 0) await null;
  },
};
