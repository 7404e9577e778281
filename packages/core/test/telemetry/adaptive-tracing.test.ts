import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { AlwaysOffSampler, type ReadableSpan } from "@opentelemetry/sdk-trace";
import { createHealth, fail, type Outcome, push, type ScheduleOptions, warn } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestSdk, type TestSdkOptions } from "./test-sdk.ts";

beforeEach(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterEach(() => context.disable());

/** A check that asks its dependency through a client that is instrumented. */
async function tracedService(options: ScheduleOptions = {}, sdkOptions: TestSdkOptions = {}) {
  const clock = new FakeClock();
  const sdk = new TestSdk(sdkOptions);
  const dependency = { answer: undefined as Outcome | undefined, hangs: false, takesMs: 5 };
  /** Whether the call of each run was recorded. */
  const recorded: boolean[] = [];
  const health = createHealth({
    clock,
    checks: {
      db: {
        jitter: 0,
        failureThreshold: 2,
        gracePeriodMs: 0,
        ...options,
        run: async () => {
          const span = sdk.tracerProvider.getTracer("client").startSpan("SELECT 1");
          recorded.push(span.isRecording());
          await new Promise<void>((done) => {
            if (!dependency.hangs) clock.setTimer(done, dependency.takesMs);
          });
          span.end();
          return dependency.answer;
        },
      },
    },
  });
  sdk.giveTo(health);
  await health.start();
  await clock.advance(1_000);
  const checkSpans = () => sdk.spansOf("health.check db");
  const clientSpans = () => sdk.spansOf("SELECT 1");
  return { clock, sdk, dependency, recorded, health, checkSpans, clientSpans };
}

const millis = ([seconds, nanoseconds]: readonly [number, number]) => seconds * 1_000 + nanoseconds / 1e6;
/** The transition that opened the incident. */
const opening = (sdk: TestSdk) =>
  sdk.spansOf("health.transition").find(({ attributes }) => attributes["health.previous_state"] === "healthy");
const parentOf = (span: ReadableSpan | undefined) => span?.parentSpanContext?.spanId;

describe("a check's own calls", () => {
  it("are traced from the first failure to recovery, inside the span of their run", async () => {
    const { clock, dependency, recorded, checkSpans, clientSpans } = await tracedService();
    await clock.advance(30_000);
    expect(recorded.every((is) => !is)).toBe(true);
    const before = recorded.length;
    dependency.answer = fail("down");
    await clock.advance(13_000);
    // The first failure is known only afterwards, so its calls were not traced; the run itself is.
    const during = recorded.length;
    expect(recorded.slice(before)).toEqual([false, ...Array(during - before - 1).fill(true)]);
    expect(checkSpans()).toHaveLength(during - before);
    dependency.answer = undefined;
    await clock.advance(50_000);
    // The run that ends it is traced too, and none after that.
    expect(recorded.slice(during)).toEqual([true, ...Array(recorded.length - during - 1).fill(false)]);
    expect(checkSpans()).toHaveLength(during - before + 1);
    const runs = checkSpans().slice(1);
    expect(clientSpans().map(parentOf)).toEqual(runs.map((run) => run.spanContext().spanId));
    for (const run of runs) expect(run.parentSpanContext).toBeUndefined();
    expect(checkSpans().at(-1)).toMatchObject({ attributes: { "health.check.result": "pass" } });
  });

  it("are traced after a warning too, and until the next plain pass where there never was an incident", async () => {
    const { clock, dependency, recorded, checkSpans } = await tracedService({ failureThreshold: 9 });
    const before = recorded.length;
    dependency.answer = warn("slow");
    await clock.advance(15_000);
    dependency.answer = undefined;
    await clock.advance(30_000);
    const results = checkSpans().map(({ attributes }) => attributes["health.check.result"]);
    expect(results).toEqual(["warn", "pass"]);
    expect(recorded.slice(before)).toEqual([false, true, ...Array(recorded.length - before - 2).fill(false)]);
  });

  it("are not traced in runs that get no span: an outage of an hour makes no more traces than its spans", async () => {
    const { clock, dependency, recorded, checkSpans, clientSpans } = await tracedService();
    dependency.answer = fail("down");
    await clock.advance(3_600_000);
    expect(recorded.length).toBeGreaterThan(300);
    expect(clientSpans().length).toBe(checkSpans().length - 1);
    expect(checkSpans().length).toBeLessThan(20);
  });

  it("begin anew with each incident, also where no plain pass lies between", async () => {
    const { clock, dependency, recorded } = await tracedService({ failureThreshold: 1, successThreshold: 1 });
    dependency.answer = fail("down");
    await clock.advance(120_000);
    const before = recorded.length;
    dependency.answer = undefined;
    while (recorded.length === before) await clock.advance(100);
    dependency.answer = fail("down");
    const traced = recorded.length;
    await clock.advance(15_000);
    expect(recorded.slice(traced + 1, traced + 3)).toEqual([true, true]);
  });

  it("are those of a run that hangs: its span ends with the deadline", async () => {
    const { clock, dependency, checkSpans } = await tracedService({ timeoutMs: 500 });
    dependency.hangs = true;
    await clock.advance(13_000);
    const [after, live] = checkSpans();
    for (const span of [after, live]) {
      expect(span?.attributes).toMatchObject({ "health.check.result": "fail", "error.type": "timeout" });
      expect(millis(span?.endTime ?? [0, 0]) - millis(span?.startTime ?? [0, 0])).toBe(500);
    }
    expect(live?.attributes["health.check.consecutive_failures"]).toBe(2);
  });

  it("have a run that tells in its span what the after-the-fact one tells", async () => {
    const { clock, sdk, dependency, checkSpans } = await tracedService({ failureThreshold: 2 });
    dependency.answer = fail("connect ECONNREFUSED", { errorType: "ECONNREFUSED" });
    await clock.advance(20_000);
    const [after, live, later] = checkSpans();
    expect(Object.keys(live?.attributes ?? {}).toSorted()).toEqual(Object.keys(after?.attributes ?? {}).toSorted());
    expect(live?.status).toEqual(after?.status);
    expect(live?.kind).toBe(after?.kind);
    const transition = opening(sdk);
    // Known when the third run began; the second led to it.
    expect(later?.links.map(({ context }) => context.spanId)).toEqual([transition?.spanContext().spanId]);
    expect(later?.attributes["health.incident.id"]).toBe(transition?.spanContext().traceId);
    expect(transition?.links.map(({ context }) => context.spanId)).toEqual(
      [after, live].map((span) => span?.spanContext().spanId),
    );
  });

  it.each(["stop", "unregister"] as const)(
    "end with the check: %s ends the span of a run that is under way",
    async (how) => {
      const { clock, dependency, health, recorded, checkSpans } = await tracedService();
      dependency.answer = fail("down");
      while (checkSpans().length < 1) await clock.advance(100);
      dependency.hangs = true;
      for (const before = recorded.length; recorded.length === before; ) await clock.advance(100);
      expect(checkSpans()).toHaveLength(1);
      const ended = how === "stop" ? health.stop() : health.checks.db.unregister();
      expect(checkSpans()).toHaveLength(2);
      expect(checkSpans()[1]?.status.message).toBe("the check was stopped");
      await clock.advance(1_000);
      await ended;
      expect(checkSpans()).toHaveLength(2);
    },
  );

  it("are as little sampled as the run", async () => {
    const { clock, dependency, recorded, sdk } = await tracedService({}, { sampler: new AlwaysOffSampler() });
    dependency.answer = fail("down");
    await clock.advance(30_000);
    expect(recorded.some((is) => is)).toBe(false);
    expect(sdk.spans).toEqual([]);
  });

  it("are traced without a parent where nothing carries contexts", async () => {
    context.disable();
    const { clock, dependency, recorded, clientSpans } = await tracedService();
    dependency.answer = fail("down");
    await clock.advance(13_000);
    expect(recorded.at(-1)).toBe(true);
    expect(clientSpans().every((span) => parentOf(span) === undefined)).toBe(true);
  });
});

describe("spans", () => {
  it("never end before they begin, also where the wall clock is set back", async () => {
    const { clock, sdk, dependency } = await tracedService({ failureThreshold: 1 });
    dependency.answer = fail("down");
    await clock.advance(10_000);
    const wallTime = clock.wallTime.bind(clock);
    clock.wallTime = () => wallTime() - 3_600_000;
    await clock.advance(10_000);
    dependency.answer = undefined;
    await clock.advance(20_000);
    expect(sdk.spansOf("health.outage")).toHaveLength(1);
    for (const { startTime, endTime } of sdk.spans) expect(millis(endTime)).toBeGreaterThanOrEqual(millis(startTime));
  });

  it("link the transition to the runs that led to it, also where the newest of them passed", async () => {
    const { clock, sdk, health } = await tracedService();
    const answers = [warn("slow"), undefined];
    health.register("new", { run: () => answers.shift(), successThreshold: 2, jitter: 0 });
    await clock.advance(15_000);
    const transition = sdk.spansOf("health.transition new")[0];
    expect(transition?.attributes["health.state"]).toBe("degraded");
    expect(transition?.links).toHaveLength(1);
  });
});

describe("an outage that lasts", () => {
  const segments = (sdk: TestSdk) =>
    sdk.spansOf("health.outage").map((span) => ({
      reason: span.attributes["health.outage.end_reason"],
      seconds: (millis(span.endTime) - millis(span.startTime)) / 1_000,
      parent: parentOf(span),
    }));

  it("is told of every 15 minutes, piece by piece, and as a whole at its end", async () => {
    const { clock, sdk, dependency } = await tracedService({ failureThreshold: 1 });
    dependency.answer = fail("down");
    await clock.advance(9_050);
    const transition = opening(sdk);
    const parent = transition?.spanContext().spanId;
    await clock.advance(899_000);
    expect(segments(sdk)).toEqual([]);
    await clock.advance(1_000);
    expect(segments(sdk)).toEqual([{ reason: "segment", seconds: 900, parent }]);
    await clock.advance(900_000);
    expect(segments(sdk).map(({ reason, seconds }) => [reason, seconds])).toEqual([
      ["segment", 900],
      ["segment", 900],
    ]);
    dependency.answer = undefined;
    await clock.advance(20_000);
    const [, , whole] = segments(sdk);
    expect(whole).toMatchObject({ reason: "recovered", parent });
    expect(whole?.seconds).toBeGreaterThan(1_800);
    await clock.advance(3_600_000);
    expect(segments(sdk)).toHaveLength(3);
  });

  it("has the same id in every piece, and the state that was worst so far", async () => {
    const { clock, sdk, dependency } = await tracedService({ failureThreshold: 1 });
    dependency.answer = warn("slow");
    await clock.advance(1_000_000);
    dependency.answer = fail("down");
    await clock.advance(900_000);
    const pieces = sdk.spansOf("health.outage");
    expect(pieces.map(({ attributes }) => attributes["health.state"])).toEqual(["degraded", "unhealthy"]);
    expect(new Set(pieces.map(({ attributes }) => attributes["health.incident.id"])).size).toBe(1);
  });

  it("is told of also where nothing is run, and begins anew with the next incident", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { told: push() } });
    const sdk = new TestSdk().giveTo(health);
    await health.start();
    for (let incident = 0; incident < 2; incident++) {
      health.checks.told.fail("down");
      await clock.advance(600_000);
      health.checks.told.pass();
      await clock.advance(600_000);
    }
    expect(segments(sdk).map(({ reason }) => reason)).toEqual(["recovered", "recovered"]);
    health.checks.told.fail("down");
    await clock.advance(900_000);
    expect(segments(sdk).at(-1)).toMatchObject({ reason: "segment", seconds: 900 });
    await health.stop();
    expect(segments(sdk).at(-1)).toMatchObject({ reason: "shutdown", seconds: 900 });
    await clock.advance(1_800_000);
    expect(segments(sdk)).toHaveLength(4);
  });

  it("makes no burst of pieces when a suspended process wakes", async () => {
    const { clock, sdk, dependency } = await tracedService({ failureThreshold: 1 });
    dependency.answer = fail("down");
    await clock.advance(10_000);
    clock.block(7 * 3_600_000);
    await clock.advance(1_000);
    expect(segments(sdk)).toEqual([]);
    await clock.advance(900_000);
    expect(segments(sdk)).toHaveLength(1);
  });
});
