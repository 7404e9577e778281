import { runInThisContext } from "node:vm";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Frame, formatStack } from "../../src/capture/frame.ts";
import { mostFrames, readStack, stackNow, stackOfNextPromise } from "../../src/capture/stack-probe.ts";

/** As the inspector evaluates it: as a script of its own, on top of what calls it. */
const lookNow = () => readStack(runInThisContext(stackNow));

/** Without those that evaluate the expression here, which the inspector has none of. */
function framesOfTest(seen: ReturnType<typeof lookNow>): readonly Frame[] {
  const { frames = [] } = seen ?? {};
  return frames.slice(frames.findIndex(({ functionName }) => functionName === "lookNow") + 1);
}

const { stackTraceLimit } = Error;
const prepare = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
afterEach(() => {
  Error.stackTraceLimit = stackTraceLimit;
  if (prepare !== undefined) Object.defineProperty(Error, "prepareStackTrace", prepare);
});

describe("the expression for a stack", () => {
  it("sees what Node prints of the same place", () => {
    const script = `
      class Report {
        static make(look) { return [1].map(() => new Report(look))[0]; }
        constructor(look) { this.render(look); }
        render(look) { this.both = [(() => new Error().stack)(), (() => look())()]; }
      }
      (look) => ({ get [Symbol.iterator]() { return Report.make(look).both; } })[Symbol.iterator];
    `;
    const [printed, seen] = runInThisContext(script, { filename: "/srv/report (1).js" })(lookNow);
    // Without the functions that look, and the one that calls them from two places in a line.
    const lines = formatStack(framesOfTest(seen).slice(2, 8)).split("\n");
    expect(lines).toEqual(printed.split("\n").slice(3, 9));
    expect(lines.slice(0, 3)).toEqual([
      "    at new Report (/srv/report (1).js:4:34)",
      "    at /srv/report (1).js:3:50",
      "    at Array.map (<anonymous>)",
    ]);
  });

  it("says when, by the clock of all threads", () => {
    const [seconds, nanoseconds] = process.hrtime();
    const seen = lookNow();
    expect(seen?.atMs).toBeGreaterThanOrEqual(seconds * 1_000 + nanoseconds / 1_000_000);
  });

  it("takes its own of a deep stack, whatever limit the application has set", () => {
    Error.stackTraceLimit = 1;
    const deep = (depth: number): ReturnType<typeof lookNow> => (depth === 0 ? lookNow() : deep(depth - 1));
    expect(deep(100)?.frames).toHaveLength(mostFrames);
    expect(new Error().stack?.split("\n")).toHaveLength(2);
  });

  it("calls nothing of the application that prepares stacks, and puts it back", () => {
    let calls = 0;
    const own = () => {
      calls += 1;
      return "prepared";
    };
    Error.prepareStackTrace = own;
    expect(framesOfTest(lookNow()).length).toBeGreaterThan(0);
    expect(calls).toBe(0);
    expect(new Error().stack).toBe("prepared");
    expect(Error.prepareStackTrace).toBe(own);
  });

  it("puts back what guards it, and what is not there", () => {
    const guarded = {
      get: () => undefined,
      set: () => expect.fail("it was set"),
      configurable: true,
      enumerable: true,
    };
    Object.defineProperty(Error, "prepareStackTrace", guarded);
    lookNow();
    expect(Object.getOwnPropertyDescriptor(Error, "prepareStackTrace")).toEqual(guarded);
    Reflect.deleteProperty(Error, "prepareStackTrace");
    lookNow();
    expect("prepareStackTrace" in Error && Object.hasOwn(Error, "prepareStackTrace")).toBe(false);
  });

  it("leaves the last match of a regular expression as it was", () => {
    /b(?=c)/.test("abc");
    const before = RegExp.lastMatch;
    runInThisContext(stackNow);
    expect(RegExp.lastMatch).toBe(before);
  });

  it("cuts names and places of any length", () => {
    const name = "n".repeat(100_000);
    const call = runInThisContext(`({ ${name}(f) { return f(); } })`, { filename: `data:${"x".repeat(100_000)}` });
    for (const { functionName, file = "" } of (call[name](lookNow) as ReturnType<typeof lookNow>)?.frames ?? []) {
      expect(functionName.length).toBeLessThan(1_001);
      expect(file.length).toBeLessThan(1_001);
    }
  });
});

describe("the expression for the stack of the next promise", () => {
  it("sees who makes one, and looks no more", async () => {
    const seen = runInThisContext(stackOfNextPromise) as Promise<unknown>;
    const makes = () => Promise.resolve();
    await makes();
    const frames = readStack(await seen)?.frames ?? [];
    expect(frames[0]?.functionName).toMatch(/\.resolve$/);
    expect(frames[1]?.functionName).toBe("makes");
    // Each look asks for the time.
    const looks = vi.spyOn(process, "hrtime");
    await makes();
    expect(looks).not.toHaveBeenCalled();
    looks.mockRestore();
  });
});

describe("readStack()", () => {
  it("takes nothing for a stack that is none", () => {
    const notStacks = [undefined, null, 1, "", [], {}, { at: [1, 2] }, { frames: [] }, { at: "now", frames: [] }];
    for (const value of [...notStacks, { at: [1, "x"], frames: [] }, { at: [], frames: [] }])
      expect(readStack(value)).toBeUndefined();
  });

  it("reads whatever a main thread may answer", () => {
    const site = fc.oneof(
      fc.anything(),
      fc.array(fc.anything(), { maxLength: 5 }),
      fc.tuple(fc.string(), fc.string(), fc.integer(), fc.integer()),
    );
    fc.assert(
      fc.property(fc.array(site, { maxLength: 60 }), (frames) => {
        const read = readStack({ at: [1, 500_000], frames });
        expect(read?.atMs).toBe(1_000.5);
        expect(read?.frames.length).toBe(Math.min(frames.length, mostFrames));
        for (const frame of read?.frames ?? []) {
          expect(frame.functionName).not.toBe("");
          expect([frame.file, frame.line, frame.column].filter((part) => part !== undefined).length % 3).toBe(0);
        }
      }),
    );
  });

  it("takes a call apart as it was printed", () => {
    const name = fc.oneof(
      fc.constantFrom("f", "Object.f [as g]", "new Pool", "async load", "#private", "a (b)"),
      fc.string({ minLength: 1 }),
    );
    const file = fc.constantFrom("/srv/app (1)/x.js", "node:fs", "/x.js", "wasm://wasm/f88", "C:\\a b\\x.js");
    const place = fc.integer({ min: 1, max: 1e6 });
    fc.assert(
      fc.property(name, file, place, place, (functionName, file, line, column) => {
        fc.pre(!functionName.includes(file) && functionName.trim() === functionName);
        const printed = `${functionName} (${file}:${line}:${column})`;
        const read = readStack({
          at: [0, 0],
          frames: [
            [printed, file, line, column],
            [`${file}:${line}:${column}`, file, line, column],
          ],
        });
        expect(read?.frames[0]).toEqual({ functionName, file, line, column });
        expect(read?.frames[1]).toEqual({ functionName: "<anonymous>", file, line, column });
      }),
    );
  });

  it("makes a path of a file URL, and leaves one that is none", () => {
    const frames = [
      ["f (file:///srv/a%20b.mjs?t=1:2:3)", "file:///srv/a%20b.mjs?t=1", 2, 3],
      ["f (file://host/x%2Fy.mjs:2:3)", "file://host/x%2Fy.mjs", 2, 3],
    ];
    const read = readStack({ at: [0, 0], frames })?.frames.map(({ file }) => file);
    expect(read).toEqual(process.platform === "win32" ? expect.anything() : ["/srv/a b.mjs", "file://host/x%2Fy.mjs"]);
  });
});
