import { describe, expect, it } from "vitest";
import { culpritOf, type Frame, formatStack } from "../../src/capture/frame.ts";

const native: Frame = { functionName: "JSON.parse" };
const node: Frame = { functionName: "readFileSync", file: "node:fs", line: 441, column: 35 };
const library: Frame = { functionName: "Parser.run", file: "/app/node_modules/parser/index.js", line: 3, column: 7 };
const own: Frame = { functionName: "Object.handler", file: "/app/src/orders.ts", line: 12, column: 5 };
const outer: Frame = { functionName: "<anonymous>", file: "/app/src/main.ts", line: 1, column: 1 };
const onWindows: Frame = { functionName: "run", file: "C:\\app\\node_modules\\parser\\index.js", line: 3, column: 7 };
const generated: Frame = {
  functionName: "eval",
  file: "eval at compile (/app/node_modules/ajv/dist/index.js:9:1), <anonymous>",
  line: 3,
  column: 7,
};

describe("culpritOf()", () => {
  it("passes over the engine and Node", () => {
    expect(culpritOf([native, node, own, outer])).toEqual({ culprit: own, caller: own });
  });

  it.each([library, onWindows, generated])("names a library, and who in the application called it", (frame) => {
    expect(culpritOf([frame, own, outer])).toEqual({ culprit: frame, caller: own });
  });

  it("names a library alone where nobody of the application is on the stack", () => {
    expect(culpritOf([node, library, node])).toEqual({ culprit: library });
  });

  it("names nobody where nothing but Node runs", () => {
    expect(culpritOf([native, node])).toEqual({});
    expect(culpritOf([])).toEqual({});
  });
});

describe("formatStack()", () => {
  it("is what Node prints", () => {
    const asynchronous: Frame = { functionName: "async <anonymous>", file: "/app/src/main.ts", line: 2, column: 4 };
    expect(formatStack([native, own, outer, asynchronous, generated, { functionName: "<anonymous>" }])).toBe(`\
    at JSON.parse (<anonymous>)
    at Object.handler (/app/src/orders.ts:12:5)
    at /app/src/main.ts:1:1
    at async /app/src/main.ts:2:4
    at eval (eval at compile (/app/node_modules/ajv/dist/index.js:9:1), <anonymous>:3:7)
    at <anonymous>`);
  });

  it("is empty for a stack that is", () => {
    expect(formatStack([])).toBe("");
  });
});
