import { context, diag, SpanKind } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { createHealth, type FunctionCheck, fail, pass } from "@otel-health/core";
import { FakeClock, hang, recordTransitions, type ScriptedCheck, scripted, settle } from "@otel-health/core/testing";
import { createTraffic, type PassiveOptions } from "@otel-health/traffic";
import { afterEach, describe, expect, it } from "vitest";
import { type TestSpan, TestSpans } from "../test-spans.ts";

const postgres = { "db.system.name": "postgresql" };
const refused = {
  error: "connect ECONNREFUSED",
  exception: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }),
};

const ignore = () => {};
const quiet = { verbose: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A service that calls PostgreSQL, on a clock of its own. */
async function start(options: Partial<PassiveOptions> & { readonly active?: FunctionCheck | ScriptedCheck } = {}) {
  const clock = new FakeClock();
  const traffic = createTraffic({ clock });
  const active = scripted(pass());
  const health = createHealth({
    clock,
    checks: { db: traffic.passive({ match: postgres, active, jitter: 0, ...options }) },
  });
  const spans = new TestSpans(traffic.spanProcessor);
  const record = recordTransitions(health);
  await health.start();
  await clock.advance(0);
  stops.push(() => health.stop());
  const call = (span: TestSpan = {}) => spans.write({ attributes: postgres, ...span });
  return {
    clock,
    health,
    active,
    traffic,
    spans,
    record,
    call,
    /** So many calls a second for so long, of which every one for which `fails` says so fails. */
    async flow(perSecond: number, ms: number, fails: (nth: number) => boolean = () => false, span: TestSpan = refused) {
      for (let nth = 0; nth < (perSecond * ms) / 1_000; nth++) {
        call(fails(nth) ? span : {});
        await clock.advance(1_000 / perSecond);
      }
    },
    state: () => health.checks.db.status,
    message: () => health.checks.db.snapshot().message,
  };
}

describe("a passive check with traffic", () => {
  it("sends no ping and says from what it judges", async () => {
    const { active, flow, state, message } = await start();
    expect(active.runs).toHaveLength(1);
    expect(message()).toBe("active: passed (no calls in 10 s)");
    await flow(20, 60_000);
    expect(active.runs).toHaveLength(1);
    expect(state()).toBe("healthy");
    // The window holds between nineteen and twenty twentieths of ten seconds.
    expect(message()).toMatch(/^0 of (19\d|200) calls failed in 10 s$/);
  });

  it("fails before the active check would even have been asked, and names the error", async () => {
    const { clock, active, flow, record, state, message } = await start();
    await flow(20, 15_000);
    const pings = active.runs.length;
    const before = clock.now();
    await flow(20, 6_000, () => true);
    expect(state()).toBe("unhealthy");
    expect(message()).toMatch(/^1\d\d of (19\d|200) calls failed in 10 s \(ECONNREFUSED\)$/);
    // Half of the window, and the three runs that the thresholds ask for, a tenth of a second apart.
    const [, failedAt] = record.ofCheck("db").map(({ timestamp }) => timestamp.getTime() - clock.wallTime());
    expect(clock.now() + failedAt! - before).toBeLessThanOrEqual(5_300);
    expect(active.runs).toHaveLength(pings);
    expect(record.ofCheck("db").at(-1)).toMatchObject({ errorType: "ECONNREFUSED", consecutiveFailures: 3 });
  });

  it.each([0, 2_500, 5_000, 9_900])(
    "sees an outage that begins %i ms after a ping of another check before that check does",
    async (phase) => {
      const { clock, health, flow, record } = await start();
      let down = false;
      health.register("pinged", { run: () => (down ? fail("down") : pass()), jitter: 0 });
      await flow(20, 20_000 + phase);
      down = true;
      const from = clock.wallTime();
      await flow(20, 30_000, () => true);
      const [, passive] = record.ofCheck("db").map(({ timestamp }) => timestamp.getTime() - from);
      const all = record.all.filter((one) => one.type === "check" && one.name === ("pinged" as string));
      const pinged = all.at(-1)?.timestamp.getTime() ?? 0;
      expect(passive).toBeGreaterThan(4_500);
      expect(passive).toBeLessThanOrEqual(5_300);
      expect(pinged - from).toBeGreaterThanOrEqual(10_000);
      expect(pinged - from).toBeLessThanOrEqual(20_000);
    },
  );

  it("never alarms at one error in a thousand, nor at a blip shorter than its share of the window", async () => {
    const { flow, record, active } = await start({ windowMs: 5_000 });
    await flow(100, 60_000, (nth) => nth % 1_000 === 999);
    // All calls of two seconds fail: 40 % of the window.
    await flow(100, 2_000, () => true);
    await flow(100, 20_000);
    expect(record.statesOf("db")).toEqual(["unknown", "healthy"]);
    expect(active.runs).toHaveLength(1);
  });

  it("recovers by the traffic, without a ping", async () => {
    const { flow, record, active, state } = await start();
    await flow(20, 10_000);
    await flow(20, 8_000, () => true);
    expect(state()).toBe("unhealthy");
    const pings = active.runs.length;
    // Never a quarter of the window without a failure: it is the share that decides.
    await flow(20, 8_000, (nth) => nth % 20 === 0);
    expect(state()).toBe("healthy");
    expect(active.runs).toHaveLength(pings);
    expect(record.statesOf("db")).toEqual(["unknown", "healthy", "unhealthy", "healthy"]);
  });

  it("warns where calls are slow, and passes where they no longer are", async () => {
    const { clock, health, call, state, message, record } = await start({ maxP95Ms: 500 });
    for (let nth = 0; nth < 40; nth++) call({ ms: nth % 10 === 0 ? 900 : 20 });
    await health.refresh();
    await clock.advance(300);
    expect(message()).toMatch(/^the slowest twentieth of 40 calls in 10 s took 8\d\d ms or more, above 500 ms$/);
    expect(state()).toBe("degraded");
    for (let nth = 0; nth < 400; nth++) call({ ms: 20 });
    await health.refresh();
    expect(state()).toBe("healthy");
    expect(record.statesOf("db")).toEqual(["unknown", "healthy", "degraded", "healthy"]);
  });

  it("lets one slow call alone be no latency", async () => {
    const { health, call, message } = await start({ maxP95Ms: 500 });
    for (let nth = 0; nth < 11; nth++) call({ ms: nth === 0 ? 60_000 : 20 });
    await health.refresh();
    expect(message()).toBe("0 of 11 calls failed in 10 s");
  });

  it("meets the check's own thresholds by runs that follow at once", async () => {
    const { clock, flow, state, record, call } = await start({ failureThreshold: 5, successThreshold: 3 });
    await flow(20, 11_000);
    expect(state()).toBe("healthy");
    for (let nth = 0; nth < 250; nth++) call(refused);
    await clock.advance(399);
    expect(state()).toBe("healthy");
    await clock.advance(1);
    expect(state()).toBe("unhealthy");
    for (let nth = 0; nth < 400; nth++) call();
    await clock.advance(300);
    expect(state()).toBe("healthy");
    expect(record.ofCheck("db").map(({ state }) => state)).toEqual(["healthy", "unhealthy", "healthy"]);
  });

  it("waits for a grace that is asked for", async () => {
    const { flow, state } = await start({ gracePeriodMs: 5_000 });
    await flow(20, 8_000);
    await flow(20, 8_000, () => true);
    expect(state()).toBe("healthy");
    await flow(20, 4_000, () => true);
    expect(state()).toBe("unhealthy");
  });
});

describe("a passive check without traffic", () => {
  it("asks the active check on the schedule, with its options and its thresholds", async () => {
    const asked = scripted(pass("pong"));
    const { clock, message, health } = await start({ active: { ...asked, intervalMs: 5_000, hint: "is it running?" } });
    expect(message()).toBe("active: pong (no calls in 10 s)");
    await clock.advance(20_000);
    expect(asked.starts).toEqual([0, 5_000, 10_000, 15_000, 20_000]);
    asked.set(fail("no pong"));
    await clock.advance(60_000);
    expect(health.checks.db.snapshot()).toMatchObject({ status: "unhealthy", hint: "is it running?" });
  });

  it("takes over when traffic stops, and fails as an active check does", async () => {
    const { clock, active, flow, state, message } = await start();
    await flow(20, 30_000);
    expect(active.runs).toHaveLength(1);
    active.set(fail("connect ECONNREFUSED", { errorType: "ECONNREFUSED" }));
    await clock.advanceUntil(() => active.runs.length === 2, { withinMs: 20_000 });
    await clock.advance(0);
    expect(message()).toBe("active: connect ECONNREFUSED (no calls in 10 s)");
    expect(state()).toBe("healthy");
    await clock.advance(3_000);
    expect(state()).toBe("unhealthy");
  });

  it("takes over when the newest call is older than a ping would be, whatever a long window holds", async () => {
    const { clock, active, flow, message } = await start({ windowMs: 32_000 });
    await flow(20, 20_500);
    await clock.advanceUntil(() => active.runs.length === 2, { withinMs: 20_000 });
    await clock.advance(0);
    expect(message()).toBe("active: passed (no call has ended for 19.6 s)");
  });

  it("is asked for no run by each call that fails while it fails already", async () => {
    const { clock, active, call, health } = await start();
    active.set(fail("down"));
    for (let nth = 0; nth < 9; nth++) call(refused);
    await clock.advance(50);
    const { checkedAt } = health.checks.db.snapshot();
    expect(active.runs).toHaveLength(1);
    await clock.advance(50);
    expect(active.runs).toHaveLength(2);
    for (let nth = 0; nth < 20; nth++) call({ error: "again" });
    for (let round = 0; round < 3; round++) {
      call(refused);
      await clock.advance(100);
    }
    // Judged by the calls now, as often as the threshold asks for, and not once more.
    expect(active.runs).toHaveLength(2);
    const judged = health.checks.db.snapshot();
    expect(judged.consecutiveFailures).toBe(3);
    expect(judged.checkedAt).toBeGreaterThan(checkedAt ?? 0);
    for (let nth = 0; nth < 50; nth++) call(refused);
    await clock.advance(200);
    expect(health.checks.db.snapshot().checkedAt).toBe(judged.checkedAt);
  });

  it("is not made unhealthy by one ping that fails", async () => {
    const { clock, active, record } = await start();
    active.set(fail("blip"), pass());
    await clock.advance(60_000);
    expect(record.statesOf("db")).toEqual(["unknown", "healthy"]);
  });

  it("asks it at once where the few calls there are fail", async () => {
    const { clock, active, call, message } = await start();
    await clock.advance(1_000);
    active.set(fail("connect ECONNREFUSED"));
    call(refused);
    await clock.advance(0);
    expect(active.starts).toEqual([0, 1_000]);
    expect(message()).toBe("active: connect ECONNREFUSED (only 1 call in 10 s)");
    // From then on it is asked with its back-off, however many calls fail.
    for (let nth = 0; nth < 4; nth++) {
      await clock.advance(110);
      call(refused);
    }
    expect(active.runs).toHaveLength(2);
  });

  it("asks it ten times at most for ten calls that fail although it passes, then the calls are enough", async () => {
    const { clock, active, call, state, message } = await start();
    for (let nth = 0; nth < 20; nth++) {
      call(refused);
      await clock.advance(300);
    }
    expect(active.runs.length).toBeLessThanOrEqual(11);
    expect(message()).toMatch(/^\d+ of \d+ calls failed in 10 s \(ECONNREFUSED\)$/);
    expect(state()).toBe("unhealthy");
  });

  it("asks it at once where a call has begun and none has ended for as long as a run may take, and once", async () => {
    const { clock, active, flow, spans, message } = await start();
    await flow(20, 5_000);
    const hanging = spans.begin({ attributes: postgres });
    await clock.advance(1_999);
    expect(active.runs).toHaveLength(1);
    await clock.advance(1_001);
    expect(active.runs).toHaveLength(2);
    expect(message()).toMatch(/^active: passed \(no call has ended for [23](\.\d)? s, though one has begun\)$/);
    // Others that begin are no news, as long as none ends.
    for (let nth = 0; nth < 5; nth++) {
      spans.begin({ attributes: postgres });
      await clock.advance(1_000);
    }
    expect(active.runs).toHaveLength(2);
    hanging.end();
    await flow(20, 30_000);
    expect(active.runs).toHaveLength(2);
  });

  it("asks it nothing for a call that takes long while others end", async () => {
    const { clock, active, flow, spans } = await start();
    await flow(20, 5_000);
    spans.begin({ attributes: postgres });
    await flow(20, 30_000);
    expect(active.runs).toHaveLength(1);
    expect(clock.armed).toBeLessThan(4);
  });

  it("passes where there is no active check, and warns where nothing ends", async () => {
    const { clock, message, flow, state, spans } = await start({ active: undefined as never });
    expect(message()).toBe("too little traffic to judge: 0 calls in 10 s");
    await flow(20, 5_000);
    spans.begin({ attributes: postgres });
    await clock.advance(3_200);
    expect(state()).toBe("degraded");
    expect(message()).toMatch(/^no call has ended for [23](\.\d)? s, though one has begun$/);
    await flow(20, 10_000);
    expect(state()).toBe("healthy");
  });
});

describe("a passive check of a dependency that answers nothing", () => {
  const alone = { active: undefined as never };
  const givenUpAfter = (ms: number): TestSpan => ({ error: "aborted", later: { "error.type": "AbortError" }, ms });

  it("warns where its callers give up, having waited longer than they usually need", async () => {
    const { flow, state, message, record } = await start(alone);
    await flow(20, 20_000);
    await flow(20, 20_000, () => true, givenUpAfter(400));
    expect(state()).toBe("degraded");
    expect(message()).toMatch(/^(19\d|200) calls given up without an answer in 10 s$/);
    await flow(20, 20_000);
    expect(record.statesOf("db")).toEqual(["unknown", "healthy", "degraded", "healthy"]);
  });

  it("warns where none was ever answered", async () => {
    const { flow, state } = await start(alone);
    await flow(20, 20_000, () => true, givenUpAfter(400));
    expect(state()).toBe("degraded");
  });

  it("asks the active check where there is one", async () => {
    const { active, flow, message, state } = await start();
    await flow(20, 20_000);
    const pings = active.runs.length;
    active.set(fail("connect ETIMEDOUT"));
    await flow(20, 20_000, () => true, givenUpAfter(400));
    expect(active.runs.length).toBeGreaterThan(pings);
    expect(message()).toMatch(/^active: connect ETIMEDOUT \(\d+ calls given up without an answer in 10 s\)$/);
    expect(state()).toBe("unhealthy");
  });

  it("asks it at once where one call after the other is given up, and stops waiting where nobody calls any more", async () => {
    const { clock, active, flow, spans, message } = await start();
    await flow(20, 5_000);
    const giveUpNext = async () => {
      const span = spans.begin({ attributes: postgres });
      await clock.advance(400);
      span.setAttribute("error.type", "AbortError").setStatus({ code: 2 });
      span.end(Date.UTC(2026, 10, 22, 13) + 400);
      await clock.advance(200);
    };
    for (let nth = 0; nth < 5; nth++) await giveUpNext();
    expect(active.runs).toHaveLength(2);
    expect(message()).toMatch(/^active: passed \(no call has ended for [23](\.\d)? s, though one has begun\)$/);
    await flow(20, 5_000);
    await giveUpNext();
    await clock.advance(5_000);
    expect(active.runs).toHaveLength(2);
  });

  it.each<[string, { readonly maxP95Ms?: number }, number, number, string]>([
    ["lost a race", {}, 5, 5, "healthy"],
    ["waited for a tenth of a second", {}, 5, 100, "healthy"],
    ["waited for no longer than calls take", {}, 700, 600, "healthy"],
    ["waited longer than calls take", {}, 700, 800, "degraded"],
    ["waited longer than calls may take", { maxP95Ms: 500 }, 700, 600, "degraded"],
    ["waited for as long as calls may take", { maxP95Ms: 50 }, 5, 50, "healthy"],
    ["waited longer than calls may, in a hurry", { maxP95Ms: 50 }, 5, 60, "degraded"],
  ])("judges by patience: whoever %s", async (_what, options, usualMs, ms, expected) => {
    const { flow, state } = await start({ ...alone, ...options });
    await flow(20, 20_000, () => true, { ms: usualMs });
    await flow(20, 20_000, () => true, givenUpAfter(ms));
    expect(state()).toBe(expected);
  });

  it("passes where most are answered, or fewer than minSamples were given up", async () => {
    const { clock, flow, call, message, state, record } = await start(alone);
    await flow(20, 20_000, (nth) => nth % 9 > 4, givenUpAfter(400));
    expect(state()).toBe("healthy");
    await clock.advance(20_000);
    for (let nth = 0; nth < 9; nth++) call(givenUpAfter(400));
    await clock.advance(10_000);
    expect(message()).toBe("too little traffic to judge: 0 calls in 10 s");
    expect(record.statesOf("db")).toEqual(["unknown", "healthy"]);
  });

  it("fails where enough calls fail, whoever gives up beside them", async () => {
    const { flow, call, message, state } = await start();
    await flow(20, 20_000, (nth) => {
      call(givenUpAfter(400));
      call(givenUpAfter(400));
      return nth >= 0;
    });
    expect(message()).toMatch(/^(19\d|200) of (19\d|200) calls failed in 10 s \(ECONNREFUSED\)$/);
    expect(state()).toBe("unhealthy");
  });

  it("warns where calls hang, also where none has ever ended", async () => {
    const { clock, spans, message, state } = await start(alone);
    for (let nth = 0; nth < 9; nth++) spans.begin({ attributes: postgres });
    await clock.advance(20_000);
    expect(message()).toBe("too little traffic to judge: 0 calls in 10 s");
    const hanging = spans.begin({ attributes: postgres });
    await clock.advance(10_000);
    expect(message()).toMatch(/^no call has ended for \d+(\.\d)? s, though one has begun$/);
    expect(state()).toBe("degraded");
    hanging.end();
    await clock.advance(20_000);
    expect(state()).toBe("healthy");
  });

  it("waits for no call that was given up, and goes on waiting for others", async () => {
    const { clock, spans, health, message } = await start({ ...alone, minSamples: 1 });
    const giveUp = (span: ReturnType<typeof spans.begin>) => {
      span.setAttribute("error.type", "AbortError").setStatus({ code: 2 });
      span.end(Date.UTC(2026, 10, 22, 13) + 400);
    };
    const begun = [0, 1, 2].map(() => spans.begin({ attributes: postgres }));
    await clock.advance(4_000);
    for (const span of begun.slice(0, 2)) giveUp(span);
    await health.refresh();
    expect(message()).toMatch(/^no call has ended for/);
    giveUp(begun[2]!);
    await health.refresh();
    expect(message()).toBe("3 calls given up without an answer in 10 s");
    await clock.advance(20_000);
    expect(message()).toBe("too little traffic to judge: 0 calls in 10 s");
  });

  it("waits for nothing that is no call of its own", async () => {
    const { clock, spans, record } = await start({ ...alone, minSamples: 1 });
    spans.begin({ attributes: postgres, scope: "@opentelemetry/instrumentation-undici" });
    spans.begin({ kind: SpanKind.CONSUMER, attributes: { ...postgres, "messaging.operation.type": "process" } });
    await clock.advance(20_000);
    expect(record.statesOf("db")).toEqual(["unknown", "healthy"]);
  });

  it("holds against it no time for which the process was suspended", async () => {
    const { clock, spans, record, state } = await start({ ...alone, minSamples: 1 });
    spans.begin({ attributes: postgres });
    await clock.advance(1_500);
    clock.block(3_600_000);
    await clock.advance(1_500);
    expect(state()).toBe("healthy");
    await clock.advance(5_000);
    expect(record.statesOf("db")).toEqual(["unknown", "healthy", "degraded"]);
  });
});

describe("a passive check of a dependency that is out", () => {
  it("is brought back by the active check where the traffic has stopped, and stays back when it returns", async () => {
    const { clock, active, flow, record, state, message } = await start({ windowMs: 60_000 });
    await flow(20, 20_000);
    active.set(fail("still down"));
    await flow(20, 40_000, () => true);
    expect(state()).toBe("unhealthy");
    // Out of rotation: not one call from now on, and hundreds of errors in the window.
    await clock.advance(40_000);
    expect(state()).toBe("unhealthy");
    expect(message()).toMatch(/^active: still down \(no call has/);
    active.set(pass());
    await clock.advanceUntil(() => state() === "healthy", { withinMs: 10_001 });
    const pings = active.runs.length;
    await flow(20, 30_000, (nth) => nth === 3);
    expect(record.statesOf("db")).toEqual(["unknown", "healthy", "unhealthy", "healthy"]);
    expect(active.runs.length - pings).toBeLessThanOrEqual(2);
  });

  it("stays out while calls fail, whatever a ping says", async () => {
    const { active, flow, record, state } = await start();
    await flow(20, 10_000);
    await flow(20, 60_000, (nth) => nth % 4 !== 0);
    expect(state()).toBe("unhealthy");
    expect(record.statesOf("db")).toEqual(["unknown", "healthy", "unhealthy"]);
    expect(active.runs).toHaveLength(1);
  });

  it("is out until its errors have left the window where there is no active check", async () => {
    const { clock, flow, state } = await start({ active: undefined as never });
    await flow(20, 10_000);
    await flow(20, 8_000, () => true);
    expect(state()).toBe("unhealthy");
    await clock.advance(9_000);
    expect(state()).toBe("unhealthy");
    await clock.advance(11_000);
    expect(state()).toBe("healthy");
  });

  it("is back where the ping that hung passes, whatever failed while it hung", async () => {
    const { clock, active, call, health, state, message } = await start({ windowMs: 60_000, failureThreshold: 2 });
    active.set(hang, hang, pass());
    for (let nth = 0; nth < 9; nth++) call(refused);
    await clock.advanceUntil(() => state() === "unhealthy", { withinMs: 30_000 });
    await clock.advanceUntil(() => state() === "healthy", { withinMs: 30_000 });
    // Nine errors and a success would be too many, had they not been forgotten.
    for (let nth = 0; nth < 10; nth++) call();
    await health.refresh();
    expect(message()).toBe("0 of 10 calls failed in 60 s");
    expect(state()).toBe("healthy");
  });

  it("hears nothing of a ping that was given up and answers later", async () => {
    const late = Promise.withResolvers<void>();
    const { clock, active, call, state, message } = await start({ windowMs: 60_000 });
    active.set(() => late.promise, fail("down"));
    for (let nth = 0; nth < 9; nth++) call(refused);
    await clock.advanceUntil(() => state() === "unhealthy", { withinMs: 30_000 });
    late.resolve();
    await clock.advance(1);
    call(refused);
    await clock.advance(100);
    expect(message()).toBe("10 of 10 calls failed in 60 s (ECONNREFUSED)");
  });

  it("is judged anew after the process was suspended", async () => {
    const { clock, active, flow, message } = await start();
    await flow(20, 9_500);
    clock.block(3_600_000);
    await clock.advance(1_000);
    expect(active.runs).toHaveLength(2);
    expect(message()).toBe("active: passed (no calls in 10 s)");
  });
});

describe("a process that was suspended", () => {
  const slowly = { windowMs: 60_000, maxP95Ms: 500, minSamples: 5 };

  it.each([
    ["before the timer that looks for the end of calls", 0],
    ["after it", 1],
  ])("times no calls that were under way then, which end %s", async (_what, turnMs) => {
    const { clock, spans, health, call, message } = await start(slowly);
    const begun = Array.from({ length: 5 }, () => spans.begin({ attributes: postgres }));
    await clock.advance(100);
    clock.block(5_000);
    await clock.advance(turnMs);
    for (const span of begun) span.end(Date.UTC(2026, 10, 22, 13) + 5_100);
    await health.refresh();
    expect(message()).toBe("0 of 5 calls failed in 60 s");
    await clock.advance(1_000);
    for (let nth = 0; nth < 5; nth++) call({ ms: 800 });
    await health.refresh();
    expect(message()).toMatch(/^the slowest twentieth of 5 calls in 60 s took/);
  });

  it("has had no patience with calls that are given up then", async () => {
    const { clock, spans, health, message } = await start(slowly);
    const begun = Array.from({ length: 5 }, () => spans.begin({ attributes: postgres }));
    await clock.advance(100);
    clock.block(5_000);
    await clock.advance(1);
    for (const span of begun) {
      span.setAttribute("error.type", "AbortError").setStatus({ code: 2 });
      span.end(Date.UTC(2026, 10, 22, 13) + 5_100);
    }
    await health.refresh();
    expect(message()).toBe("active: passed (no calls in 60 s)");
  });
});

describe("a check that two health objects have", () => {
  it("goes on for one of them when the other has stopped", async () => {
    const clock = new FakeClock();
    const traffic = createTraffic({ clock });
    const db = traffic.passive({ match: postgres });
    const [one, other] = [createHealth({ clock, checks: { db } }), createHealth({ clock, checks: { db } })];
    const spans = new TestSpans(traffic.spanProcessor);
    await one.start();
    await other.start();
    for (let nth = 0; nth < 10; nth++) spans.write({ attributes: postgres });
    await one.stop();
    for (let nth = 0; nth < 10; nth++) spans.write({ attributes: postgres });
    await other.refresh();
    expect(other.checks.db.snapshot().message).toBe("0 of 20 calls failed in 10 s");
    await other.stop();
    expect(clock.armed).toBe(0);
  });

  it("attaches and detaches what its active check hears of as well", async () => {
    const heard: string[] = [];
    const attach = () => {
      heard.push("attached");
      return () => void heard.push("detached");
    };
    const { health } = await start({ active: { run: () => pass(), attach } });
    expect(heard).toEqual(["attached"]);
    await health.stop();
    expect(heard).toEqual(["attached", "detached"]);
  });
});

describe("calls that count", () => {
  it("are those that match, of both directions of a queue, but not the processing of messages", async () => {
    const { spans, health, message } = await start({ match: { "messaging.system": "kafka" } });
    const kafka = (kind: SpanKind, operation?: string) =>
      spans.write({
        kind,
        attributes: { "messaging.system": "kafka", ...(operation && { "messaging.operation.type": operation }) },
        ...(operation === "process" && { error: "the application's own" }),
      });
    for (let nth = 0; nth < 10; nth++) {
      kafka(SpanKind.PRODUCER, "send");
      kafka(SpanKind.CONSUMER, "receive");
      kafka(SpanKind.CONSUMER, "process");
      kafka(SpanKind.CONSUMER);
      kafka(SpanKind.INTERNAL);
      kafka(SpanKind.SERVER);
      kafka(SpanKind.CLIENT, "settle");
    }
    await health.refresh();
    expect(message()).toBe("0 of 30 calls failed in 10 s");
  });

  it("are not those of health's own runs", async () => {
    const spans: TestSpans[] = [];
    const active = () => {
      for (const each of spans) each.begin({ attributes: postgres }, context.active()).end();
    };
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    try {
      const story = await start({ active: active as never });
      spans.push(story.spans);
      await story.clock.advance(30_000);
      expect(story.message()).toBe("active: passed (no calls in 10 s)");
      expect(story.spans.exporter.getFinishedSpans()).toEqual([]);
    } finally {
      context.disable();
    }
  });

  it("are not those of an active check without a context manager either", async () => {
    const spans: TestSpans[] = [];
    const active = async () => {
      await settle();
      for (const each of spans) each.write({ attributes: postgres, ...refused });
    };
    const story = await start({ active: active as never });
    spans.push(story.spans);
    await story.clock.advance(30_000);
    expect(story.spans.exporter.getFinishedSpans()).toHaveLength(3);
    expect(story.message()).toBe("active: passed (no calls in 10 s)");
  });

  it("fail where isError says so", async () => {
    const { call, health, message } = await start({
      isError: ({ durationMs, attributes, errorType }) =>
        durationMs > 1_000 || attributes["db.query.text"] === "boom" || errorType === "ECONNREFUSED",
    });
    for (let nth = 0; nth < 10; nth++) call();
    call({ ms: 2_000 });
    call({ later: { "db.query.text": "boom" } });
    call(refused);
    call({ error: "other" });
    await health.refresh();
    expect(message()).toBe("3 of 14 calls failed in 10 s (ECONNREFUSED)");
  });

  it("count as without isError where that throws or answers neither true nor false, and it is said once", async () => {
    const complaints: string[] = [];
    diag.setLogger({ ...quiet, error: (message, ...rest) => void complaints.push([message, ...rest].join(" ")) });
    const answers = [
      () => {
        throw new Error("boom");
      },
      () => Promise.reject(new Error("late")),
      () => "yes",
    ];
    for (const isError of answers) {
      const { call, health, message } = await start({ isError: isError as never });
      for (let nth = 0; nth < 10; nth++) call();
      await health.refresh();
      expect(message()).toBe("0 of 10 calls failed in 10 s");
    }
    diag.disable();
    expect(complaints).toEqual([
      "otel-health: isError of passive() threw Error: boom",
      expect.stringContaining("it must answer true or false at once, and answered a promise"),
      expect.stringContaining("it must answer true or false at once, and answered string"),
    ]);
  });

  it("are nobody's once the health object has stopped", async () => {
    const { health, call, clock, active } = await start();
    await health.stop();
    for (let nth = 0; nth < 10; nth++) call(refused);
    await clock.advance(60_000);
    expect(active.runs).toHaveLength(1);
    expect(clock.armed).toBe(0);
  });
});
