// Says a line on standard error, which nobody reads, and is not held up by that: it says so on standard output. For each
// line of its stdin it tries again. With `exhausted` no file descriptor is left to do that with. At its end it says
// whether others who write to standard error are made to wait as before.
import { closeSync, constants, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { StandardError } from "../../src/last-words/standard-error.ts";

const standardError = new StandardError();
const taken: number[] = [];
if (process.argv[2] === "exhausted") {
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch (error) {
    writeSync(1, `${(error as NodeJS.ErrnoException).code}\n`);
  }
}
standardError.say("the first, which nobody waits for");
standardError.say("the last words");
const byte = Buffer.alloc(1);
do {
  writeSync(1, "tried\n");
  readSync(0, byte);
  standardError.retry();
} while (byte.toString() !== "e");
for (const descriptor of taken) closeSync(descriptor);
standardError.close();
standardError.say("what nobody hears");
const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync("/proc/self/fdinfo/2", "latin1"))?.[1] ?? "";
writeSync(1, (Number.parseInt(flags, 8) & constants.O_NONBLOCK) === 0 ? "it waits\n" : "it does not wait\n");
