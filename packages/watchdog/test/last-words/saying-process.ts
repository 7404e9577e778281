// Says a line on standard error, which nobody reads, and is not held up by that: it says so on standard output. For each
// line of its stdin it tries again.
import { readSync, writeSync } from "node:fs";
import { StandardError } from "../../src/last-words/standard-error.ts";

const standardError = new StandardError();
standardError.say("the first, which nobody waits for");
standardError.say("the last words");
const byte = Buffer.alloc(1);
do {
  writeSync(1, "tried\n");
  readSync(0, byte);
  standardError.retry();
} while (byte.toString() !== "e");
