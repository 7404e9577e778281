import { inspect } from "node:util";
import { afterAll, afterEach } from "vitest";

/** What was written since the last look; the stacks tell where. */
let noise: Error[] = [];

// Every console method is noise, from before the test file's imports: loading a module must be silent too.
for (const method of Object.keys(console)) {
  if (typeof console[method as keyof Console] !== "function") continue;
  Object.assign(console, {
    [method](...args: unknown[]) {
      if (method === "assert" && args[0]) return;
      noise.push(new Error(`console.${method}(${args.map((arg) => inspect(arg)).join(", ")})`));
    },
  });
}

// So is a leaked listener, and a timer that Node fires after 1 ms because it cannot wait as long as it should.
// Unhandled rejections and exceptions need nothing here: Vitest fails the run.
function onWarning(warning: Error): void {
  if (/^(MaxListenersExceeded|TimeoutOverflow|TimeoutNaN)Warning$/.test(warning.name)) noise.push(warning);
}
process.on("warning", onWarning);

function failOnNoise(): void {
  const heard = noise;
  noise = [];
  if (heard.length === 1) throw heard[0];
  if (heard.length > 1) throw new AggregateError(heard, heard.map(({ message }) => message).join("\n"));
}

afterEach(failOnNoise);
// What came outside any test: at import, or in a hook of the file.
afterAll(() => {
  process.off("warning", onWarning);
  failOnNoise();
});
