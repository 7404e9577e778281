import { readFileSync } from "node:fs";

/** A word of shared memory that is 0 until the block is to end, when whoever waits at it is woken. */
export type Released = Int32Array<SharedArrayBuffer>;

const isReleased = (released: Released) => Atomics.load(released, 0) !== 0;

/** The ways in which an event loop is kept from turning; each function is what the stack has to name. */
export const blocks: { readonly [way: string]: (released: Released, folder: string) => void | Promise<void> } = {
  busy: function spin(released) {
    while (!isReleased(released));
  },
  regex: function backtrack(released) {
    while (!isReleased(released)) /^(a+)+$/.test(`${"a".repeat(24)}b`);
  },
  json: function parseHuge(released) {
    const huge = `[${'{"id":1,"names":["a","b"]},'.repeat(400_000)}0]`;
    while (!isReleased(released)) JSON.parse(huge);
  },
  fifo: function readPipe(_released, folder) {
    readFileSync(`${folder}/pipe`);
  },
  wait: function sleepOn(released) {
    Atomics.wait(released, 0, 0);
  },
  microtasks: async function chain(released) {
    while (!isReleased(released)) await null;
  },
};
