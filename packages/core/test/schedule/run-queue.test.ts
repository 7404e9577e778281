import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RunQueue, type Waiting } from "../../src/schedule/run-queue.ts";
import { runs } from "../properties/settings.ts";

const anyMove = fc.oneof(
  { weight: 4, arbitrary: fc.constant("request" as const) },
  { weight: 3, arbitrary: fc.constant("release" as const) },
  { weight: 1, arbitrary: fc.nat({ max: 30 }) },
);

describe("RunQueue", () => {
  it("begins what a plain list would begin, first come, first served", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(anyMove, { maxLength: 200, size: "max" }),
        (slots, moves) => {
          const queue = new RunQueue(slots);
          const begun: number[] = [];
          const waiters: Waiting[] = [];
          const waiting: number[] = [];
          const expected: number[] = [];
          let taken = 0;
          for (const move of moves) {
            if (move === "request") {
              const name = waiters.length;
              waiters.push({ begin: () => void begun.push(name) });
              if (taken < slots) {
                taken++;
                expected.push(name);
              } else waiting.push(name);
              queue.request(waiters[name]!);
            } else if (move === "release") {
              if (taken === 0) continue;
              const next = waiting.shift();
              if (next === undefined) taken--;
              else expected.push(next);
              queue.release();
            } else {
              const place = waiting.indexOf(move);
              if (place >= 0) waiting.splice(place, 1);
              if (waiters[move] !== undefined) queue.cancel(waiters[move]);
            }
            expect(begun).toEqual(expected);
          }
        },
      ),
      runs(400),
    );
  });

  it("serves thousands in order, also when it tidies up between them", () => {
    const queue = new RunQueue(1);
    const begun: number[] = [];
    for (let i = 0; i < 5_000; i++) queue.request({ begin: () => void begun.push(i) });
    for (let i = 1; i < 5_000; i++) queue.release();
    expect(begun).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
  });

  it("begins nobody who waited when it was cleared, and goes on with those who come later", () => {
    const queue = new RunQueue(1);
    const begun: string[] = [];
    queue.request({ begin: () => void begun.push("first") });
    queue.request({ begin: () => void begun.push("second") });
    queue.clear();
    queue.release();
    expect(begun).toEqual(["first"]);
    queue.request({ begin: () => void begun.push("third") });
    expect(begun).toEqual(["first", "third"]);
  });
});
