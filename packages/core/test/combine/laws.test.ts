import {
  all,
  any,
  cached,
  type FunctionCheck,
  mapOutcome,
  type Outcome,
  type Part,
  type Parts,
  quorum,
  when,
  withRetry,
  withTimeout,
} from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveCheck } from "../../src/check/resolve-check.ts";
import { runs } from "../properties/settings.ts";
import { answering, anyHostile, anySettling, anyStatus, begin, outcomeOf, outcomes } from "./harness.ts";

type Status = keyof typeof outcomes;
const anyParts = fc.array(fc.record({ status: anyStatus, critical: fc.boolean() }), { minLength: 1, maxLength: 5 });
const order: readonly Status[] = ["pass", "warn", "fail"];
const worst = (statuses: readonly Status[]): Status =>
  order[Math.max(0, ...statuses.map((status) => order.indexOf(status)))]!;

function make(parts: readonly { readonly status: Status; readonly critical?: boolean }[]): Parts {
  return parts.map(({ status, critical = true }) => ({ run: () => outcomes[status], critical }));
}
const only = (statuses: readonly Status[]) => make(statuses.map((status) => ({ status })));
const statusOf = async (check: FunctionCheck) => (await outcomeOf(check)).status;
const anyStatuses = fc.array(anyStatus, { minLength: 1, maxLength: 6 });

describe("all", () => {
  it("is the worst of its parts, where one that is not critical is a warning at worst", async () => {
    await fc.assert(
      fc.asyncProperty(anyParts, async (parts) => {
        const expected = worst(parts.map(({ status, critical }) => (critical || status === "pass" ? status : "warn")));
        expect(await statusOf(all(make(parts)))).toBe(expected);
      }),
      runs(200),
    );
  });

  it("nests: all of all is all", async () => {
    await fc.assert(
      fc.asyncProperty(anyStatuses, anyStatuses, async (one, other) => {
        const nested = all({ one: all(only(one)), other: all(only(other)) });
        expect(await statusOf(nested)).toBe(await statusOf(all(only([...one, ...other]))));
      }),
      runs(100),
    );
  });
});

describe("quorum", () => {
  it("counts its parts: enough that do not fail, and all well only if all are", async () => {
    await fc.assert(
      fc.asyncProperty(anyStatuses, fc.nat(), async (statuses, lot) => {
        const needed = 1 + (lot % statuses.length);
        const working = statuses.filter((status) => status !== "fail").length;
        const expected = working < needed ? "fail" : worst(statuses) === "pass" ? "pass" : "warn";
        expect(await statusOf(quorum(needed, only(statuses)))).toBe(expected);
      }),
      runs(200),
    );
  });

  it("of one is any, and of as many as there are is all", async () => {
    await fc.assert(
      fc.asyncProperty(anyStatuses, async (statuses) => {
        expect(await outcomeOf(quorum(1, only(statuses)))).toEqual(await outcomeOf(any(only(statuses))));
        expect(await outcomeOf(quorum(statuses.length, only(statuses)))).toEqual(await outcomeOf(all(only(statuses))));
      }),
      runs(150),
    );
  });

  it("never gets better when it needs more, nor worse when a part gets better", async () => {
    await fc.assert(
      fc.asyncProperty(anyStatuses, fc.nat(), fc.nat(), async (statuses, lot, place) => {
        const at = place % statuses.length;
        const better = statuses.with(at, order[Math.max(0, order.indexOf(statuses[at]!) - 1)]!);
        const rank = async (needed: number, of: readonly Status[]) =>
          order.indexOf(await statusOf(quorum(needed, only(of))));
        const needed = 1 + (lot % statuses.length);
        expect(await rank(needed, better)).toBeLessThanOrEqual(await rank(needed, statuses));
        if (needed > 1) expect(await rank(needed - 1, statuses)).toBeLessThanOrEqual(await rank(needed, statuses));
      }),
      runs(150),
    );
  });

  it("does not care for the order of its parts", async () => {
    await fc.assert(
      fc.asyncProperty(anyStatuses, async (statuses) => {
        const other = statuses.toReversed();
        for (let needed = 1; needed <= statuses.length; needed++)
          expect(await statusOf(quorum(needed, only(other)))).toBe(await statusOf(quorum(needed, only(statuses))));
      }),
      runs(60),
    );
  });
});

describe("what changes nothing", () => {
  const same: readonly [string, (check: Part) => FunctionCheck][] = [
    ["mapOutcome of the same", (check) => mapOutcome(check, (outcome) => outcome)],
    ["when always", (check) => when(() => true, check)],
    ["withRetry of one attempt", (check) => withRetry(check, { attempts: 1 })],
    ["withTimeout of enough", (check) => withTimeout(check, { timeoutMs: 900 })],
    ["cached asked once", (check) => cached(check, { maxAgeMs: 1 })],
  ];
  it.each(same)("%s, save for a part that hangs", async (_, wrap) => {
    await fc.assert(
      fc.asyncProperty(anyHostile, async ({ run, status }) => {
        const plain = await outcomeOf(withTimeout(run, { timeoutMs: 900 }));
        const wrapped = await outcomeOf(withTimeout(wrap(run), { timeoutMs: 900 }));
        expect(wrapped).toEqual(plain);
        expect(wrapped.status).toBe(status);
      }),
      runs(60),
    );
  });
});

/** Nests of combinators over parts that do anything. */
const nestOf = (leaves: typeof anyHostile): fc.Arbitrary<Part> =>
  fc.letrec<{ nest: Part; leaf: Part }>((tie) => ({
    leaf: leaves.map(({ run }) => run),
    nest: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      tie("leaf"),
      fc.array(tie("nest"), { minLength: 1, maxLength: 3 }).map((parts) => all(parts)),
      fc.array(tie("nest"), { minLength: 1, maxLength: 3 }).map((parts) => any(parts)),
      fc.array(tie("nest"), { minLength: 2, maxLength: 3 }).map((parts) => quorum(2, parts)),
      tie("nest").map((part) => withTimeout(part, { timeoutMs: 50 })),
      tie("nest").map((part) => withRetry(part, { attempts: 2, delayMs: 20 })),
      tie("nest").map((part) => cached(part, { maxAgeMs: 100 })),
      tie("nest").map((part) => mapOutcome(part, (outcome) => outcome)),
      tie("nest").map((part) => when(async () => true, part)),
    ),
  })).nest;

const anyNest = nestOf(anyHostile);

describe("any nest of combinators over parts that do anything", () => {
  it("settles within its time with an outcome in one line, and leaves no timer and no listener", async () => {
    let nested = 0;
    await fc.assert(
      fc.asyncProperty(anyNest, async (nest) => {
        const outcome: Outcome = await outcomeOf(all([nest]));
        expect(["pass", "warn", "fail"]).toContain(outcome.status);
        if (outcome.status !== "pass") expect(outcome.message).toMatch(/^[^\n]+$/);
        if (typeof nest !== "function") nested++;
      }),
      runs(300),
    );
    expect(nested).toBeGreaterThan(100);
  });

  it("is over when its parts are once the run is aborted, whatever it is at, and arms nothing more", async () => {
    await fc.assert(
      fc.asyncProperty(nestOf(anySettling), fc.integer({ min: 0, max: 60 }), async (nest, after) => {
        const clock = new FakeClock();
        const run = begin(all([nest]), clock);
        await clock.advance(after);
        run.controller.abort();
        // As long as a part may take by itself.
        await clock.advance(5);
        expect(run.outcome).toBeDefined();
        expect(clock.armed).toBe(0);
      }),
      runs(200),
    );
  });

  it("has the marks of the flat set of its parts", () => {
    const marks = fc.constantFrom(true, false, undefined);
    fc.assert(
      fc.property(
        fc.array(fc.array(marks, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
        (groups) => {
          const leaf = (external: boolean | undefined) =>
            withRetry({ run: () => {}, ...(external !== undefined && { external }) });
          const nest = all(groups.map((group, i) => (i % 2 === 0 ? all : any)(group.map(leaf))));
          const flat = groups.flat();
          const expected = flat.includes(true) ? true : flat.every((mark) => mark === false) ? false : undefined;
          expect(nest.external).toBe(expected);
          expect(resolveCheck("it", nest).inProcess).toBe(expected === false);
        },
      ),
      runs(150),
    );
  });
});

describe("cached", () => {
  it("never asks while an answer is young enough, never twice at once, and never answers with an older one", async () => {
    const anyAsk = fc.record({
      waitMs: fc.integer({ min: 0, max: 60 }),
      status: anyStatus,
      takesMs: fc.integer({ min: 0, max: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyAsk, { minLength: 2, maxLength: 12 }), async (asks) => {
        const clock = new FakeClock();
        let answer: Outcome = outcomes.pass;
        let takesMs = 0;
        let under = 0;
        const answered: { readonly at: number; readonly status: string }[] = [];
        const check = cached(
          async (context) => {
            expect(++under).toBe(1);
            const current = answer;
            await answering(current, takesMs)(context);
            under--;
            answered.push({ at: clock.now(), status: current.status });
            return current;
          },
          { maxAgeMs: 50, failureMaxAgeMs: 10 },
        );
        for (const { waitMs, status, takesMs: takes } of asks) {
          answer = outcomes[status];
          takesMs = takes;
          const calls = answered.length + under;
          const newest = answered.at(-1);
          const isYoung = newest !== undefined && clock.now() < newest.at + (newest.status === "pass" ? 50 : 10);
          const run = begin(check, clock);
          await clock.advance(0);
          expect(answered.length + under).toBe(isYoung || calls > answered.length ? calls : calls + 1);
          if (isYoung) expect(run.outcome?.status).toBe(newest.status);
          await clock.advance(waitMs);
          if (run.outcome !== undefined) expect(answered.map(({ status }) => status)).toContain(run.outcome.status);
        }
        await clock.advance(100);
      }),
      runs(150),
    );
  });
});
