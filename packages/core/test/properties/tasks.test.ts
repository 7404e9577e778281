import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunningTask } from "../../src/task/running-task.ts";
import { Tasks } from "../../src/task/tasks.ts";
import { Host } from "../task/host.ts";
import { runs } from "./settings.ts";

type Step =
  | { readonly do: "begin"; readonly deadlineMs: number; readonly unhealthyAfterMs: number }
  | { readonly do: "fulfil" | "reject"; readonly which: number }
  | { readonly do: "wait"; readonly ms: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("begin" as const),
    deadlineMs: fc.constantFrom(300, 2_000, 15_000, Number.POSITIVE_INFINITY),
    unhealthyAfterMs: fc.constantFrom(15_000, 30_000, Number.POSITIVE_INFINITY),
  }),
  fc.record({ do: fc.constantFrom("fulfil" as const, "fulfil" as const, "reject" as const), which: fc.nat(9) }),
  fc.record({
    do: fc.constant("wait" as const),
    ms: fc.constantFrom(0, 1, 150, 300, 700, 1_000, 2_000, 5_000, 13_000),
  }),
);

interface Modelled {
  readonly from: number;
  /** Its place among all beginnings and ends. */
  readonly nth: number;
  readonly deadlineMs: number;
  readonly unhealthyAfterMs: number;
  readonly task: RunningTask;
  end: { readonly fulfilled: boolean; readonly nth: number } | undefined;
}

/** What is to be told of these tasks at a time, found by looking at all of them. */
function expected(all: readonly Modelled[], now: number) {
  const running = all.filter(({ end }) => end === undefined);
  const late = running.filter(({ from, deadlineMs }) => now >= from + deadlineMs);
  const stuck = late.filter(({ from, unhealthyAfterMs }) => now >= from + unhealthyAfterMs);
  const failedAt = Math.max(-1, ...all.map(({ end }) => (end?.fulfilled === false ? end.nth : -1)));
  const better = all.some(({ nth, end, from }) => nth > failedAt && (end?.fulfilled === true || now - from >= 10_000));
  const failing = failedAt >= 0 && !better;
  const outcome: "pass" | "warn" | "fail" = failing || stuck.length > 0 ? "fail" : late.length > 0 ? "warn" : "pass";
  const oldest = Math.min(...late.map(({ from }) => from));
  return { outcome, late: late.length, stuck: stuck.length, oldest, error: failing ? `error ${failedAt}` : undefined };
}

const badness = { pass: 0, warn: 1, fail: 2 };

describe("supervised tasks", () => {
  it("are told of as looking at each of them says: the worse at once, everything within a second", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const host = new Host();
        const { clock, answers, errorTypes } = host;
        const tasks = new Tasks({ clock, errorTypes }, host);
        const all: Modelled[] = [];
        let nth = 0;

        /** Wakes it when it wants to be woken, as the agenda does. */
        const wait = (ms: number) => {
          const until = clock.now() + ms;
          while (tasks.wakeAt <= until) {
            clock.block(Math.max(0, tasks.wakeAt - clock.now()));
            tasks.wake(clock.now());
          }
          clock.block(until - clock.now());
        };
        const play = (step: Step) => {
          if (step.do === "wait") return wait(step.ms);
          nth++;
          if (step.do === "begin") {
            const { deadlineMs } = step;
            const unhealthyAfterMs = Math.max(deadlineMs, step.unhealthyAfterMs);
            const task = tasks.begin({ deadlineMs, unhealthyAfterMs });
            all.push({ from: clock.now(), nth, deadlineMs, unhealthyAfterMs, task, end: undefined });
            return;
          }
          const running = all.filter(({ end }) => end === undefined);
          const ending = running[step.which % Math.max(1, running.length)];
          if (ending === undefined) return;
          ending.end = { fulfilled: step.do === "fulfil", nth };
          if (step.do === "fulfil") tasks.fulfilled(ending.task);
          else tasks.rejected(ending.task, new Error(`error ${nth}`));
        };

        const compare = () => {
          const now = clock.now();
          const { outcome, late, stuck, oldest, error } = expected(all, now);
          const told = answers.at(-1);
          const message = told?.message ?? "";
          expect(told?.outcome).toBe(outcome);
          expect(Number(/^(\d+) of /.exec(message)?.[1] ?? 0)).toBe(late);
          const since = new Date(clock.wallTime() - now + Math.min(oldest, now)).toISOString().slice(0, 19);
          if (late > 0) expect(message).toContain(`since ${since}`);
          if (error !== undefined) expect(message).toContain(error);
          expect(told?.errorType).toBe(stuck > 0 ? "stuck" : error !== undefined ? "Error" : undefined);
          expect(tasks.running).toBe(all.filter(({ end }) => end === undefined).length);
        };

        for (const step of steps) {
          play(step);
          if (all.length === 0) continue;
          const now = clock.now();
          const due = expected(all, now);
          expect(badness[answers.at(-1)?.outcome ?? "pass"]).toBeGreaterThanOrEqual(badness[due.outcome]);
          const calm = step.do === "wait" && step.ms >= 1_000;
          if (calm && JSON.stringify(due) === JSON.stringify(expected(all, now - 1_000))) compare();
        }
        // By then all that are ever late are so.
        wait(60_000);
        if (all.length > 0) compare();
        answers.forEach((answer, i) => {
          const before = answers[i - 1];
          if (before !== undefined && badness[answer.outcome] <= badness[before.outcome])
            expect(answer.at - before.at).toBeGreaterThanOrEqual(1_000);
        });
      }),
      runs(500),
    );
  });
});
