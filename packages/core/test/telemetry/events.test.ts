import { SeverityNumber } from "@opentelemetry/api";
import { AlwaysOffSampler } from "@opentelemetry/sdk-trace";
import { type CheckTransition, createHealth, type Health, push, type Severity } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { startStory } from "./story.ts";
import { TestSdk } from "./test-sdk.ts";

const numbers: { readonly [S in Severity]: SeverityNumber } = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
};

/** `[event, body, severity]` of everything that was written. */
function written(sdk: TestSdk) {
  return sdk.logs.map(({ eventName, body, severityNumber }) => [eventName, body, severityNumber]);
}

type Told = "pass" | "warn" | "fail" | "silence";

describe("health.check.transition events", () => {
  it.each<[story: readonly Told[], critical: boolean, Severity]>([
    [["pass"], true, "debug"],
    [["fail"], true, "error"],
    [["fail"], false, "warn"],
    [["warn"], true, "warn"],
    [["pass", "fail"], true, "error"],
    [["pass", "fail"], false, "warn"],
    [["pass", "warn"], true, "warn"],
    [["pass", "warn"], false, "warn"],
    [["warn", "fail"], true, "error"],
    [["fail", "warn"], true, "info"],
    [["fail", "pass"], true, "info"],
    [["fail", "pass"], false, "info"],
    [["warn", "pass"], true, "info"],
    [["pass", "silence"], true, "warn"],
    [["pass", "silence", "pass"], true, "info"],
    [["pass", "silence", "fail"], true, "error"],
  ])("after %j (critical: %j) are as loud as %s", async (story, critical, severity) => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { told: push({ critical, staleAfterMs: 1_000 }) } });
    const sdk = new TestSdk().giveTo(health);
    const heard: CheckTransition[] = [];
    health.on("transition", (transition) => void (transition.type === "check" && heard.push(transition)));
    for (const step of story) {
      if (step === "silence") await clock.advance(1_000);
      else health.checks.told[step](step);
    }
    const last = sdk.logs.filter(({ eventName }) => eventName === "health.check.transition").at(-1);
    expect(last?.severityNumber).toBe(numbers[severity]);
    expect(last?.severityText).toBeUndefined();
    expect(heard.at(-1)?.severity).toBe(severity);
  });

  it("are errors where a fault is fatal, even of an optional check", () => {
    const health = createHealth({ clock: new FakeClock(), checks: { told: push({ critical: false }) } });
    const sdk = new TestSdk().giveTo(health);
    health.checks.told.pass();
    health.checks.told.fail("wrong database", { fault: "fatal" });
    expect(sdk.logs.at(-1)).toMatchObject({ body: "told is unhealthy", severityNumber: SeverityNumber.ERROR });
  });

  it("say what happened, when and why, in the trace of the transition", async () => {
    const { health, db, clock } = await startStory();
    const sdk = new TestSdk().giveTo(health);
    db.fails("connect ECONNREFUSED 127.0.0.1:5432");
    await clock.advance(10_000);
    const [opening] = sdk.spansOf("health.transition");
    expect(sdk.logs[0]).toMatchObject({
      eventName: "health.check.transition",
      body: "db is unhealthy",
      hrTime: [clock.wallTime() / 1_000, 0],
      severityNumber: SeverityNumber.ERROR,
      attributes: {
        "health.check.name": "db",
        "health.state": "unhealthy",
        "health.previous_state": "healthy",
        "health.check.critical": true,
        "health.check.consecutive_failures": 1,
        "health.check.message": "connect ECONNREFUSED 127.0.0.1:5432",
        "error.type": "ECONNREFUSED",
        "health.check.fault": "transient",
        "health.incident.id": opening?.spanContext().traceId,
      },
      spanContext: opening?.spanContext(),
      instrumentationScope: { name: "@otel-health/core" },
    });
  });

  it("carry the hint", async () => {
    const health = createHealth({ clock: new FakeClock(), checks: { told: push({ hint: "is it running?" }) } });
    const sdk = new TestSdk().giveTo(health);
    health.checks.told.fail("down");
    health.checks.told.pass();
    health.checks.told.fail("down", { hint: "ask the storage team" });
    expect(
      sdk.logs.flatMap(({ eventName, attributes }) =>
        eventName === "health.check.transition" ? [attributes["health.check.hint"]] : [],
      ),
    ).toEqual(["is it running?", undefined, "ask the storage team"]);
  });

  it("are written for transitions only, however often a check fails", async () => {
    const { health, db, clock } = await startStory();
    const sdk = new TestSdk().giveTo(health);
    db.fails();
    await clock.advance(200_000);
    expect(db.runs).toBeGreaterThan(20);
    expect(written(sdk).map(([event]) => event)).toEqual(["health.check.transition", "health.probe.transition"]);
  });
});

describe("health.probe.transition events", () => {
  /** What the last event of each probe said of its severity, after a story. */
  async function severitiesAfter(story: (health: Health<{ readonly told: ReturnType<typeof push> }>) => unknown) {
    const health = createHealth({ clock: new FakeClock(), checks: { told: push() } });
    health.checks.told.pass();
    await health.start();
    const sdk = new TestSdk().giveTo(health);
    await story(health);
    return Object.fromEntries(
      sdk.logs.flatMap(({ eventName, attributes, severityNumber }) =>
        eventName === "health.probe.transition"
          ? [[`${attributes["health.probe.type"]} ${attributes["health.state"]}`, severityNumber]]
          : [],
      ),
    );
  }
  const { INFO, WARN, ERROR } = SeverityNumber;

  it.each<[string, (health: Health<{ readonly told: ReturnType<typeof push> }>) => unknown, object]>([
    [
      "a failing check",
      ({ checks }) => checks.told.fail("down"),
      { "readiness unhealthy": ERROR, "serving unhealthy": ERROR },
    ],
    ["a warning", ({ checks }) => checks.told.warn("slow"), { "readiness degraded": WARN, "serving degraded": WARN }],
    [
      "a recovery",
      ({ checks }) => {
        checks.told.fail("down");
        checks.told.pass();
      },
      { "readiness unhealthy": ERROR, "serving unhealthy": ERROR, "readiness healthy": INFO, "serving healthy": INFO },
    ],
    [
      "half a recovery",
      ({ checks }) => {
        checks.told.fail("down");
        checks.told.warn("slow");
      },
      {
        "readiness unhealthy": ERROR,
        "serving unhealthy": ERROR,
        "readiness degraded": INFO,
        "serving degraded": INFO,
      },
    ],
    ["a drain", (health) => health.drain({ delayMs: 0 }), { "readiness unhealthy": INFO, "serving unhealthy": INFO }],
    ["a stop", (health) => health.stop(), { "readiness unhealthy": INFO, "serving unhealthy": INFO }],
    ["retiring", (health) => health.retire(), { "readiness degraded": INFO, "serving degraded": INFO }],
    [
      "a fatal fault",
      (health) => health.fatal("out of memory"),
      { "readiness unhealthy": ERROR, "serving unhealthy": ERROR, "liveness unhealthy": ERROR },
    ],
    [
      "a fatal fault while draining",
      async (health) => {
        await health.drain({ delayMs: 0 });
        health.fatal("out of memory");
      },
      { "readiness unhealthy": INFO, "serving unhealthy": INFO, "liveness unhealthy": ERROR },
    ],
  ])("of %s are as loud as what they mean", async (_, story, expected) => {
    expect(await severitiesAfter(story)).toEqual(expected);
  });

  it("name the checks that they are due to, and the lifecycle, in the trace of the cause", async () => {
    const { health, db, clock } = await startStory();
    const sdk = new TestSdk().giveTo(health);
    db.fails();
    await clock.advance(10_000);
    await health.drain({ delayMs: 0 });
    const [opening] = sdk.spansOf("health.transition");
    const [event] = sdk.logs.filter(({ eventName }) => eventName === "health.probe.transition");
    expect(event).toMatchObject({
      body: "readiness is unhealthy",
      attributes: {
        "health.probe.type": "readiness",
        "health.state": "unhealthy",
        "health.previous_state": "healthy",
        "health.lifecycle": "ready",
        "health.probe.checks": ["db"],
        "health.incident.id": opening?.spanContext().traceId,
      },
      spanContext: opening?.spanContext(),
    });
  });

  it("name no more than ten checks, and none where the lifecycle made them", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `check-${i}`);
    const health = createHealth({
      clock: new FakeClock(),
      checks: Object.fromEntries(names.map((name) => [name, push()])),
    });
    for (const name of names) health.checks[name]?.pass();
    await health.start();
    for (const name of names.slice(1)) health.checks[name]?.warn("slow");
    const sdk = new TestSdk().giveTo(health);
    health.checks["check-0"]?.fail("down");
    await health.drain({ delayMs: 0 });
    health.fatal("x");
    const named = sdk.logs.map(({ attributes }) => [
      attributes["health.probe.type"],
      attributes["health.probe.checks"],
    ]);
    expect(named.slice(1)).toEqual([
      ["readiness", ["check-0"]],
      ["serving", ["check-0"]],
      ["liveness", undefined],
    ]);
    const another = createHealth({
      clock: new FakeClock(),
      checks: Object.fromEntries(names.map((name) => [name, push()])),
    });
    const heard: number[] = [];
    another.on("transition", (one) => void (one.type === "probe" && heard.push(one.checks.length)));
    for (const name of names) another.checks[name]?.warn("slow");
    await another.start();
    expect(Math.max(...heard)).toBe(10);
  });
});

describe("health.check.persistent events", () => {
  it.each([
    [true, SeverityNumber.ERROR2],
    [false, SeverityNumber.ERROR],
  ])("are written once when a transient fault has lasted (critical: %j)", async (critical, severity) => {
    const { health, db, clock } = await startStory({ critical, persistentAfterMs: 60_000 });
    const sdk = new TestSdk().giveTo(health);
    db.fails();
    await clock.advance(200_000);
    const events = sdk.logs.filter(({ eventName }) => eventName === "health.check.persistent");
    const [opening] = sdk.spansOf("health.transition");
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      body: "db keeps failing",
      severityNumber: severity,
      attributes: {
        "health.check.name": "db",
        "health.check.fault": "persistent",
        "health.incident.id": opening?.spanContext().traceId,
      },
      spanContext: opening?.spanContext(),
    });
    expect(health.checks.db.snapshot().fault).toBe("persistent");

    db.passes();
    await clock.advance(10_000);
    db.fails();
    await clock.advance(200_000);
    expect(sdk.logs.filter(({ eventName }) => eventName === "health.check.persistent")).toHaveLength(2);
  });
});

describe("health.check.slow events", () => {
  it("are written when passes become slow, and when they are quick again", async () => {
    const { health, db, clock } = await startStory({ slowAfterMs: 500 });
    const sdk = new TestSdk().giveTo(health);
    db.takesMs = 501;
    await clock.advance(60_000);
    expect(written(sdk)).toEqual([["health.check.slow", "db passes slowly", SeverityNumber.WARN]]);
    db.takesMs = 500;
    await clock.advance(60_000);
    expect(written(sdk).slice(1)).toEqual([["health.check.slow", "db passes in time again", SeverityNumber.INFO]]);
    expect(sdk.logs[0]?.attributes).toMatchObject({ "health.check.name": "db", "health.state": "healthy" });
    expect(health.checks.db.status).toBe("healthy");
  });
});

describe("the trace context of events", () => {
  it("is given only where the span is sampled, so that a logger that looks at it drops none", async () => {
    const { health, db, clock } = await startStory();
    const sdk = new TestSdk({ sampler: new AlwaysOffSampler(), traceBasedLogs: true }).giveTo(health);
    db.fails();
    await clock.advance(10_000);
    expect(sdk.logs.map(({ eventName, spanContext }) => [eventName, spanContext])).toEqual([
      ["health.check.transition", undefined],
      ["health.probe.transition", undefined],
    ]);
  });
});

describe("everything that leaves the process", () => {
  it("is free of credentials", async () => {
    const { health, db, clock } = await startStory({ hint: "see the runbook" }, { endpoints: { detail: "full" } });
    const sdk = new TestSdk().giveTo(health);
    const heard: unknown[] = [];
    health.on("transition", (transition) => void heard.push(transition));
    const secret = "hunter2";
    const url = `postgres://orders:${secret}@db.internal/orders`;
    const leaks: (Error | ReturnType<typeof Object>)[] = [
      new Error(`cannot reach ${url}`),
      new Error("query failed", { cause: new Error(`token=${secret}`) }),
      Object.assign(new Error("refused"), { code: url }),
      {
        status: "fail",
        message: `Authorization: Bearer ${secret}`,
        hint: `check ${url}`,
        errorType: `password=${secret}`,
      },
      { status: "warn", message: `password="${secret}"` },
      { status: url },
      { status: "fail", cause: url },
    ];
    const answers: string[] = [];
    for (const leak of leaks) {
      db.answer = leak as Error;
      await clock.advance(10_000);
      answers.push(
        health.respond({ method: "GET", url: "/readyz" })?.body ?? "",
        JSON.stringify(health.report("readiness")),
      );
      db.passes();
      await clock.advance(10_000);
    }
    health.fatal(`lost ${url}`);
    answers.push(health.respond({ method: "GET", url: "/livez" })?.body ?? "");

    const spans = sdk.spans.map(({ name, attributes, status, events }) => ({ name, attributes, status, events }));
    const logs = sdk.logs.map(({ body, attributes }) => ({ body, attributes }));
    const metrics = [...(await sdk.read()).all.values()];
    for (const [what, told] of Object.entries({ spans, logs, metrics, heard, answers })) {
      expect(told.length, what).toBeGreaterThan(5);
      expect(JSON.stringify(told), what).not.toContain(secret);
    }
    expect(JSON.stringify(spans)).toContain("postgres://***@db.internal/orders");
  });
});
