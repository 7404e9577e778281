import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { killLine, killText } from "../../src/last-words/kill-reason.ts";
import { runs } from "../runs.ts";

const at = Date.UTC(2026, 10, 22, 13);
const stack = {
  stacktrace: "at collect (/app/orders.js:12:3)\nat main (/app/main.js:1:1)",
  functionName: "collect",
  filePath: "/app/orders.js",
  lineNumber: 12,
};

describe("killLine", () => {
  it("is one line of JSON, with the names that telemetry has", () => {
    expect(killLine({ at, message: "the loop\nhas not turned", cause: "running", stack })).toBe(
      '{"timestamp":"2026-11-22T13:00:00.000Z","severity":"FATAL","event":"health.liveness.failed",' +
        '"message":"the loop\\nhas not turned","health.loop.block.cause":"running",' +
        '"code.function.name":"collect","code.file.path":"/app/orders.js",' +
        '"code.line.number":12,' +
        '"code.stacktrace":"at collect (/app/orders.js:12:3)\\nat main (/app/main.js:1:1)"}',
    );
    expect(Object.keys(JSON.parse(killLine({ at, message: "fatal" })))).toEqual([
      "timestamp",
      "severity",
      "event",
      "message",
    ]);
  });

  it("fits into what a pipe takes in one piece, whatever there is to tell, and loses the end of the stack first", () => {
    const calls = Array.from({ length: 200 }, (_, i) => `at call${i} (/app/orders.js:${i}:1)`);
    const line = killLine({ at, message: "stuck", stack: { ...stack, stacktrace: calls.join("\n") } });
    expect(Buffer.byteLength(line)).toBeLessThan(4_096);
    expect(Buffer.byteLength(line)).toBeGreaterThan(4_000);
    const { "code.stacktrace": kept, message } = JSON.parse(line);
    expect(message).toBe("stuck");
    expect(calls.join("\n").startsWith(kept)).toBe(true);
    const long = fc
      .tuple(fc.string({ unit: "binary", minLength: 1 }), fc.constantFrom(1, 100, 9_000))
      .map(([text, times]) => text.repeat(times).slice(0, 20_000));
    fc.assert(
      fc.property(long, long, long, (message, stacktrace, functionName) => {
        const line = killLine({ at, message, stack: { ...stack, stacktrace, functionName } });
        expect(Buffer.byteLength(line)).toBeLessThan(4_096);
        expect(line).not.toContain("\n");
        expect(JSON.parse(line)).toMatchObject({ severity: "FATAL" });
      }),
      { ...runs(200) },
    );
  });
});

describe("killText", () => {
  it("is what a person reads: when, why, and where", () => {
    expect(killText({ at, message: "stuck", cause: "running", stack })).toBe(
      "2026-11-22T13:00:00.000Z stuck (running)\nat collect (/app/orders.js:12:3)\nat main (/app/main.js:1:1)\n",
    );
    expect(killText({ at, message: "fatal" })).toBe("2026-11-22T13:00:00.000Z fatal\n");
  });
});
