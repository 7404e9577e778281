import {
  all,
  any,
  cached,
  createHealth,
  type FunctionCheck,
  fail,
  gate,
  heartbeat,
  mapOutcome,
  type Part,
  pass,
  push,
  quorum,
  type RunContext,
  threshold,
  warn,
  when,
  withRetry,
  withTimeout,
} from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, expectTypeOf, it } from "vitest";
import { errorOf } from "../options/refusal.ts";
import { answering, begin, outcomeOf } from "./harness.ts";

const noop = () => {};
const refused = fail("connect ECONNREFUSED", { errorType: "ECONNREFUSED", hint: "is it running?" });

describe("all, any and quorum", () => {
  it("say which parts failed, and why, with the worst fault and the longest rest", async () => {
    const check = all({
      primary: () => refused,
      replica: () => fail("wrong password", { fault: "fatal", errorType: "28P01", retryAfterMs: 5_000 }),
      cache: { run: () => fail("gone"), critical: false },
      queue: noop,
    });
    expect(await outcomeOf(check)).toEqual({
      status: "fail",
      message: "2 of 4 failed: primary (connect ECONNREFUSED), replica (wrong password)",
      hint: "is it running?",
      errorType: "ECONNREFUSED",
      fault: "fatal",
      retryAfterMs: 5_000,
    });
  });

  it("tell of what is lost though it suffices", async () => {
    expect(await outcomeOf(any({ primary: () => refused, replica: noop }))).toEqual({
      status: "warn",
      message: "1 of 2 failed: primary (connect ECONNREFUSED)",
      hint: "is it running?",
    });
    expect(await outcomeOf(quorum(2, [noop, () => warn("slow"), noop]))).toEqual({
      status: "warn",
      message: "#2 (slow)",
    });
    expect(await outcomeOf(any([noop, noop]))).toEqual({ status: "pass" });
  });

  it("use a part's hint where its outcome has none", async () => {
    const check = all({ db: { run: () => fail("gone"), hint: "start it" } });
    expect(await outcomeOf(check)).toMatchObject({ hint: "start it" });
    expect(await outcomeOf(all({ db: { run: noop, hint: "start it" } }))).toEqual({ status: "pass" });
  });

  it("let no part hang the others: it has failed when four fifths of the time are over, or its own", async () => {
    expect(await outcomeOf(any({ primary: answering("hang"), replica: noop }))).toEqual({
      status: "warn",
      message: "1 of 2 failed: primary (no answer within 800 ms)",
    });
    expect(await outcomeOf(all({ db: { run: answering("hang"), timeoutMs: 100 } }))).toMatchObject({
      message: "1 of 1 failed: db (no answer within 100 ms)",
      errorType: "timeout",
    });
    expect((await outcomeOf(all({ outer: any({ inner: answering("hang") }) }))).message).toBe(
      "1 of 1 failed: outer (1 of 1 failed: inner (no answer within 640 ms))",
    );
  });

  it("abort the part that has run out of time, and not the others", async () => {
    const signals: AbortSignal[] = [];
    const part = (run: Part) => (context: RunContext) => {
      signals.push(context.signal);
      return (run as (context: RunContext) => undefined)(context);
    };
    await outcomeOf(all([part(answering("hang")), part(answering(pass(), 10))]));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(signals[0]?.reason).toMatchObject({ name: "TimeoutError" });
  });

  it("need of those that suffice only the mildest to mend, and delay nothing for one that they can do without", async () => {
    const fatal = () => fail("wrong password", { fault: "fatal", retryAfterMs: 9_000 });
    const busy = () => fail("busy", { retryAfterMs: 2_000 });
    expect(await outcomeOf(any([fatal, busy]))).toMatchObject({ fault: "transient", retryAfterMs: 2_000 });
    expect(await outcomeOf(quorum(2, [fatal, busy]))).toMatchObject({ fault: "fatal", retryAfterMs: 9_000 });
    expect(await outcomeOf(any([fatal, noop]))).not.toHaveProperty("retryAfterMs");
    expect(await outcomeOf(all({ optional: { run: fatal, critical: false }, other: noop }))).not.toHaveProperty(
      "retryAfterMs",
    );
  });

  it("say something of each part, however long, also of one that is named like a secret", async () => {
    const long = () => fail("x".repeat(600));
    const clock = new FakeClock();
    const health = createHealth({
      clock,
      checks: { five: all({ token: long, secret: long, three: long, four: long, password: () => fail("gone") }) },
    });
    await health.refresh();
    const { message } = health.checks.five.snapshot();
    for (const name of ["token (xx", "secret (xx", "three (xx", "four (xx", "password (gone)"])
      expect(message).toContain(name);
    expect((await outcomeOf(all(Array(12).fill(() => fail("down"))))).message).toMatch(/#8 \(down\) and 4 more$/);
  });

  it("leave no more than three runs behind of a part that never settles, as the schedule does of a check", async () => {
    for (const make of [
      (part: Part) => all([part]),
      (part: Part) => withTimeout(part, { timeoutMs: 500 }),
      (part: Part) => cached(part, { maxAgeMs: 100 }),
      (part: Part) => withRetry(part),
      (part: Part) => any([withRetry(cached(part, { maxAgeMs: 1 }))]),
    ]) {
      const clock = new FakeClock();
      let begun = 0;
      const hang = () => {
        begun++;
        return new Promise<undefined>(noop);
      };
      const health = createHealth({ clock, checks: { db: { ...make(hang), intervalMs: 1_000, timeoutMs: 1_000 } } });
      await health.start();
      await clock.advance(60_000);
      expect(begun).toBe(3);
      expect(health.checks.db.snapshot()).toMatchObject({ status: "unhealthy", errorType: "stuck" });
    }
  });

  it("let a part that was late for want of a turn of the loop answer", async () => {
    const run = begin(withTimeout(answering(pass("well"), 520), { timeoutMs: 500 }));
    await run.clock.advance(0);
    run.clock.block(800);
    await run.clock.advance(0);
    expect(run.outcome).toEqual(pass("well"));
    const late = begin(withTimeout(answering("hang"), { timeoutMs: 500 }));
    await late.clock.advance(0);
    late.clock.block(800);
    await late.clock.advance(300);
    expect(late.outcome?.status).toBe("fail");
  });

  it("give each part a context of its own to wreck", async () => {
    const vandal = (context: RunContext) => {
      for (const key of Object.keys(context)) Object.defineProperty(context, key, { value: undefined });
      throw new Error("vandal");
    };
    expect((await outcomeOf(withRetry(vandal, { attempts: 2 }))).message).toBe("attempt 2 of 2: vandal");
    expect(
      await outcomeOf(
        when(
          (context) => !Object.defineProperty(context, "clock", { value: 0 }),
          () => refused,
        ),
      ),
    ).toEqual(pass("does not apply"));
    const kept = mapOutcome(vandal, (_, { clock }) => pass(`${clock.now()}`));
    expect(await outcomeOf(kept)).toEqual(pass("0"));
  });

  it("ask all parts at once", async () => {
    const run = begin(all([answering(pass(), 300), answering(pass(), 300), answering(pass(), 300)]));
    await run.clock.advance(300);
    expect(run.outcome).toEqual({ status: "pass" });
  });

  it.each<[string, () => unknown, string]>([
    ["nothing", () => all([]), "all() takes at least one check, got none"],
    ["no parts", () => any(5 as never), "any() takes checks by name or in a list, got 5"],
    ["a part that is none", () => all({ db: 5 as never }), 'part "db" of all() must be a check, got 5'],
    [
      "a heartbeat",
      () => all({ loop: heartbeat({ maxAgeMs: 5 }) as never }),
      'part "loop" of all() is a heartbeat, which is not run',
    ],
    ["a push", () => any([push() as never]), 'part "#1" of any() is a push, which is not run'],
    ["a gate", () => quorum(1, [gate() as never]), 'part "#1" of quorum() is a gate, which is not run'],
    [
      "a part's own interval",
      () => all({ db: { run: noop, intervalMs: 5 } }),
      'part "db" of all() has intervalMs, which only the whole can have',
    ],
    [
      "an option that nobody has",
      () => all({ db: { run: noop, intervalMS: 5 } as never }),
      "intervalMS is not an option of part",
    ],
    ["a wrong option of the whole", () => all([noop], { intervalMs: -1 }), "intervalMs of all() must be"],
    [
      "a mark that the parts decide",
      () => all([noop], { external: false } as never),
      "external is not an option of all(), whose parts decide that",
    ],
    [
      "a part with more time than the whole has",
      () => all({ db: { run: noop, timeoutMs: 900 } }, { timeoutMs: 1_000 }),
      'part "db" of all() has timeoutMs 900, but parts have four fifths',
    ],
    ["a part without a name", () => all({ "": noop }), "a part is named by"],
    ["options that are none", () => all([noop], 5 as never), "all() must be an object of options, got 5"],
    [
      "a quorum of none",
      () => quorum(0, [noop]),
      "quorum() needs a whole number from 1 to 1, as many as there are checks, got 0",
    ],
    ["a quorum of too many", () => quorum(3, [noop, noop]), "from 1 to 2"],
    ["a quorum of a half", () => quorum(1.5, [noop, noop]), "got 1.5"],
    [
      "an optional part of a quorum",
      () => any({ db: { run: noop, critical: false } }),
      'part "db" of any() says critical: false, but all of them count alike',
    ],
  ])("are refused for %s", async (_, give, message) => {
    expect(await errorOf(give)).toMatchObject({ message: expect.stringContaining(message) });
  });
});

describe("combinations in a health object", () => {
  it("count for liveness where every part looks at this process, and are refused where one may not", async () => {
    const inside = all([threshold(() => 0, { failAbove: 1 }), { run: noop, external: false }], {
      probes: ["liveness"],
    });
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { inside } });
    await health.start();
    await clock.advance(0);
    expect(health.report("liveness").checks).toHaveProperty("inside");
    expect(
      await errorOf(() => all([threshold(() => 0, { failAbove: 1 }), noop], { probes: ["liveness"] })),
    ).toMatchObject({
      code: "external_in_liveness",
    });
    expect(await errorOf(() => any([{ run: noop, external: true }], { probes: ["liveness"] }))).toMatchObject({
      code: "external_in_liveness",
    });
  });

  it("keep the options of the one check that they wrap", () => {
    const check = { run: noop, intervalMs: 5_000, critical: false, hint: "h", external: true } as const;
    for (const wrapped of [
      withTimeout(check, { timeoutMs: 5 }),
      withRetry(check),
      cached(check, { maxAgeMs: 5 }),
      mapOutcome(check, noop),
      when(() => true, check),
    ]) {
      expect(wrapped).toEqual({ ...check, run: expect.any(Function) });
      expectTypeOf(wrapped).toEqualTypeOf<FunctionCheck>();
    }
    expect(withRetry(threshold(() => 0, { failAbove: 1, intervalMs: 7 }))).toEqual({
      intervalMs: 7,
      external: false,
      run: expect.any(Function),
    });
  });

  it("are aborted by stop(), and leave nothing under way", async () => {
    const clock = new FakeClock();
    const signals: AbortSignal[] = [];
    const hang = ({ signal }: RunContext) => {
      signals.push(signal);
      return new Promise<undefined>(() => {});
    };
    const health = createHealth({
      clock,
      checks: { both: all({ a: hang, b: withRetry(cached(hang, { maxAgeMs: 5 })) }) },
    });
    await health.start();
    await clock.advance(0);
    expect(signals).toHaveLength(2);
    const stopped = health.stop();
    // As long as it waits for any run that ignores its signal.
    await clock.advance(1_000);
    await stopped;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(clock.armed).toBe(0);
  });

  it("tell a run how long it may take", async () => {
    const clock = new FakeClock();
    const told: number[] = [];
    const health = createHealth({
      clock,
      checks: { db: { run: ({ timeoutMs }) => void told.push(timeoutMs), timeoutMs: 700 } },
      startup: { migrate: { run: ({ timeoutMs }) => void told.push(timeoutMs), timeoutMs: 9_000 } },
    });
    await health.start();
    await clock.advance(0);
    expect(told.toSorted()).toEqual([700, 9_000]);
  });
});

describe("withTimeout", () => {
  it("fails at its time, and drops what comes later", async () => {
    const run = begin(withTimeout(answering(pass(), 200), { timeoutMs: 100 }));
    await run.clock.advance(99);
    expect(run.outcome).toBeUndefined();
    await run.clock.advance(1);
    expect(run.outcome).toEqual({
      status: "fail",
      message: "no answer within 100 ms",
      errorType: "timeout",
      fault: "transient",
    });
    await run.clock.advance(200);
    expect(run.listeners()).toBe(0);
  });

  it("tells the part how long it may take, which is no longer than its run may", async () => {
    const told: number[] = [];
    const part = ({ timeoutMs }: RunContext) => void told.push(timeoutMs);
    await outcomeOf(withTimeout(part, { timeoutMs: 300 }));
    await outcomeOf(withTimeout(part, { timeoutMs: 30_000 }));
    expect(told).toEqual([300, 1_000]);
  });

  it("gives a part that asks late a signal that has fired", async () => {
    let late: AbortSignal | undefined;
    const run = begin(
      withTimeout(
        async (context) => {
          await new Promise<void>((done) => context.clock.setTimer(done, 50, false));
          late = context.signal;
        },
        { timeoutMs: 500 },
      ),
    );
    await run.clock.advance(0);
    run.controller.abort();
    await run.clock.advance(50);
    expect(late?.aborted).toBe(true);
  });

  it("makes no signal for a part that asks for none", async () => {
    let asked = 0;
    const context = {
      get signal() {
        asked++;
        return new AbortController().signal;
      },
      clock: new FakeClock(),
      timeoutMs: 1_000,
    };
    await withTimeout(({ clock }) => void clock.now(), { timeoutMs: 5 }).run(context);
    const own = asked;
    await withTimeout(({ signal }) => void signal.aborted, { timeoutMs: 5 }).run(context);
    expect(asked).toBeGreaterThan(2 * own);
  });

  it.each([0, -1, Number.NaN, "5", undefined])("is refused with %s", async (timeoutMs) => {
    expect(await errorOf(() => withTimeout(noop, { timeoutMs: timeoutMs as number }))).toMatchObject({
      message: expect.stringContaining("timeoutMs of withTimeout() must be a number from 1"),
    });
  });
});

describe("withRetry", () => {
  it("tries again after a growing delay, and passes with the first pass", async () => {
    const clock = new FakeClock();
    const at: number[] = [];
    const run = begin(
      withRetry(() => (at.push(clock.now()) < 3 ? refused : pass("well")), { attempts: 4, delayMs: 100 }),
      clock,
    );
    await clock.advance(1_000);
    expect(run.outcome).toEqual(pass("well"));
    const [first = 0, second = 0, third = 0] = at;
    expect(at).toHaveLength(3);
    expect(second - first).toBeGreaterThanOrEqual(50);
    expect(second - first).toBeLessThanOrEqual(100);
    expect(third - second).toBeGreaterThanOrEqual(100);
    expect(third - second).toBeLessThanOrEqual(200);
  });

  it("says after how many attempts it gave up", async () => {
    expect(await outcomeOf(withRetry(() => refused, { attempts: 2 }))).toEqual({
      ...refused,
      fault: "transient",
      message: "attempt 2 of 2: connect ECONNREFUSED",
    });
  });

  it.each([
    ["a fatal fault", fail("wrong database", { fault: "fatal" })],
    ["a dependency that asks for a rest", fail("busy", { retryAfterMs: 5_000 })],
  ])("does not try again after %s", async (_, outcome) => {
    let attempts = 0;
    const { message } = await outcomeOf(
      withRetry(() => {
        attempts++;
        return outcome;
      }),
    );
    expect([attempts, message]).toEqual([1, `attempt 1 of 3: ${outcome.message}`]);
  });

  it("does not wait beyond the end of its run", async () => {
    let attempts = 0;
    const run = begin(
      withRetry(() => {
        attempts++;
        return refused;
      }),
    );
    await run.clock.advance(0);
    run.controller.abort();
    await run.clock.advance(10_000);
    expect([attempts, run.outcome?.status, run.clock.armed]).toEqual([1, "fail", 0]);
  });

  it.each([
    [{ attempts: 0 }, "attempts of withRetry() must be a whole number from 1 up, got 0"],
    [{ delayMs: -1 }, "delayMs of withRetry() must be"],
    [{ factor: 0.5 }, "factor of withRetry() must be a number from 1 to 100, got 0.5"],
    [{ retries: 3 }, "retries is not an option of withRetry()"],
  ])("is refused with %o", async (options, message) => {
    expect(await errorOf(() => withRetry(noop, options as never))).toMatchObject({
      message: expect.stringContaining(message),
    });
  });
});

describe("cached", () => {
  it("is of this very check and of one clock", async () => {
    let calls = 0;
    const count = () => {
      calls++;
      return pass(`${calls}`);
    };
    const one = cached(count, { maxAgeMs: 1_000 });
    const other = cached(count, { maxAgeMs: 1_000 });
    const clock = new FakeClock();
    const ask = async (check: FunctionCheck, on: FakeClock) => {
      const run = begin(check, on);
      await on.advance(0);
      return run.outcome?.message;
    };
    expect(await ask(one, clock)).toBe("1");
    expect(await ask(one, clock)).toBe("1");
    expect(await ask(other, clock)).toBe("2");
    expect(await ask(one, new FakeClock())).toBe("3");
    expect(await ask(one, clock)).toBe("1");
  });

  it("aborts a shared call when every run that waits for it has been aborted, and not before", async () => {
    const clock = new FakeClock();
    const signals: AbortSignal[] = [];
    const check = cached(
      ({ signal }) => {
        signals.push(signal);
        return new Promise<undefined>(() => {});
      },
      { maxAgeMs: 1_000 },
    );
    const runs = [begin(check, clock), begin(check, clock)];
    await clock.advance(0);
    expect(signals).toHaveLength(1);
    runs[0]!.controller.abort();
    await clock.advance(0);
    expect([signals[0]!.aborted, runs[0]!.outcome?.status, runs[1]!.outcome]).toEqual([false, "fail", undefined]);
    runs[1]!.controller.abort();
    await clock.advance(0);
    // It is over when its call is: the schedule counts the runs that it has given up.
    expect([signals[0]!.aborted, runs[1]!.outcome]).toEqual([true, undefined]);
    begin(check, clock);
    await clock.advance(0);
    expect(signals).toHaveLength(2);
  });

  it("keeps to the rest that a dependency asks for, and says how much of it is left", async () => {
    const clock = new FakeClock();
    let calls = 0;
    const busy = () => {
      calls++;
      return fail("busy", { retryAfterMs: 60_000 });
    };
    const check = cached(busy, { maxAgeMs: 1_000 });
    const ask = async () => {
      const run = begin(check, clock);
      await clock.advance(0);
      return run.outcome?.retryAfterMs;
    };
    expect(await ask()).toBe(60_000);
    await clock.advance(45_000);
    expect([await ask(), calls]).toEqual([15_000, 1]);
    await clock.advance(15_000);
    expect([await ask(), calls]).toEqual([60_000, 2]);
  });

  it("keeps nothing of a call that nobody waited for", async () => {
    const clock = new FakeClock();
    let answer: (outcome: ReturnType<typeof pass>) => void = noop;
    let calls = 0;
    const check = cached(
      () => {
        calls++;
        return new Promise<ReturnType<typeof pass>>((resolve) => {
          answer = resolve;
        });
      },
      { maxAgeMs: 1_000 },
    );
    const run = begin(check, clock);
    await clock.advance(0);
    run.controller.abort();
    await clock.advance(0);
    answer(pass("late"));
    await clock.advance(0);
    begin(check, clock);
    await clock.advance(0);
    expect(calls).toBe(2);
  });

  it.each([
    [{}, "maxAgeMs of cached() must be"],
    [{ maxAgeMs: 0 }, "maxAgeMs of cached() must be a number from 1"],
    [{ maxAgeMs: 5, failureMaxAgeMs: 6 }, "failureMaxAgeMs (6) is longer than maxAgeMs (5)"],
    [{ maxAgeMs: 5, ttl: 6 }, "ttl is not an option of cached()"],
  ])("is refused with %o", async (options, message) => {
    expect(await errorOf(() => cached(noop, options as never))).toMatchObject({
      message: expect.stringContaining(message),
    });
  });
});

describe("mapOutcome", () => {
  it("hands over every outcome, thrown ones too, and takes what comes of it", async () => {
    const seen: unknown[] = [];
    const check = mapOutcome(
      () => {
        throw Object.assign(new Error("connect ETIMEDOUT"), { code: "ETIMEDOUT" });
      },
      (outcome, { timeoutMs }) => {
        seen.push(outcome, timeoutMs);
        return outcome.errorType === "ETIMEDOUT" ? warn("slow today") : outcome;
      },
    );
    expect(await outcomeOf(check)).toEqual(warn("slow today"));
    expect(seen).toEqual([
      { status: "fail", message: "connect ETIMEDOUT", errorType: "ETIMEDOUT", fault: "transient" },
      1_000,
    ]);
    expect(await outcomeOf(mapOutcome(() => refused, noop))).toEqual(pass());
  });

  it("fails where the mapping does", async () => {
    const broken = mapOutcome(noop, () => {
      throw new Error("map is broken");
    });
    expect(await outcomeOf(broken)).toMatchObject({ status: "fail", message: "map is broken" });
    expect(await errorOf(() => mapOutcome(noop, 5 as never))).toMatchObject({
      message: "map of mapOutcome() must be a function, got 5",
    });
  });
});

describe("when", () => {
  it("asks only while the condition holds", async () => {
    let holds: unknown = true;
    let asked = 0;
    const check = when(
      () => holds as boolean,
      () => {
        asked++;
        return refused;
      },
    );
    expect((await outcomeOf(check)).status).toBe("fail");
    holds = Promise.resolve(false);
    expect(await outcomeOf(check)).toEqual(pass("does not apply"));
    expect(asked).toBe(1);
    holds = "yes";
    expect(await outcomeOf(check)).toMatchObject({ status: "fail", message: 'the condition answered "yes"' });
    expect(asked).toBe(1);
  });

  it("fails where the condition does", async () => {
    const clock = new FakeClock();
    const health = createHealth({
      clock,
      checks: {
        db: {
          ...when(() => {
            throw new Error("flags are gone");
          }, noop),
          failureThreshold: 1,
          gracePeriodMs: 0,
        },
      },
    });
    await health.start();
    await clock.advance(0);
    expect(health.checks.db.snapshot()).toMatchObject({ status: "unhealthy", message: "flags are gone" });
    expect(await errorOf(() => when(5 as never, noop))).toMatchObject({
      message: "condition of when() must be a function, got 5",
    });
  });
});
