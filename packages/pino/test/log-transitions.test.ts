import { readFileSync } from "node:fs";
import { DiagLogLevel, diag } from "@opentelemetry/api";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { createHealth, events, fail, isHealthError, push } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { logTransitions } from "@otel-health/pino";
import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";

type Line = { readonly [field: string]: unknown };

/** Everything that is written, as objects. */
function collect(): { readonly lines: Line[]; readonly stream: DestinationStream } {
  const lines: Line[] = [];
  return { lines, stream: { write: (line) => void lines.push(JSON.parse(line)) } };
}

/** A real pino that writes every level to memory. */
function logging(options: LoggerOptions = {}) {
  const { lines, stream } = collect();
  return { lines, logger: pino({ level: "trace", base: null, timestamp: false, ...options }, stream) };
}

/** A database that can be broken, and a cache that no probe needs. */
function orders() {
  const clock = new FakeClock();
  let broken: string | undefined;
  const check = () => {
    if (broken === undefined) return;
    throw Object.assign(new Error(broken), { code: "ECONNREFUSED" });
  };
  const health = createHealth({
    clock,
    checks: {
      postgres: {
        run: check,
        hint: "is the database running?",
        gracePeriodMs: 0,
        failureThreshold: 1,
      },
      cache: { run: check, critical: false, gracePeriodMs: 0, failureThreshold: 1 },
    },
  });
  onTestFinished(() => health.stop());
  return {
    health,
    clock,
    async start() {
      await health.start();
      await clock.advance(1_000);
    },
    /** What takes it down, or undefined to mend it, until every check has noticed. */
    async breakWith(message: string | undefined) {
      broken = message;
      await clock.advance(20_000);
    },
  };
}

/** The line of a check's or a probe's change to a state. */
function lineOf(lines: readonly Line[], subject: { check: string } | { probe: string }, state: string): Line {
  const [key = "", name] = Object.entries(subject)[0] ?? [];
  const found = lines.filter((line) => line[key] === name && line["state"] === state);
  expect(found).toHaveLength(1);
  return found[0]!;
}

const hex = (digits: number) => expect.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));

describe("logTransitions", () => {
  it("writes one flat line for each transition, at the level of its severity", async () => {
    const { health, start, breakWith } = orders();
    const { lines, logger } = logging();
    logTransitions(health, logger);
    const transitions: string[] = [];
    health.on("transition", ({ severity, state, ...of }) => {
      transitions.push(`${severity} ${of.type === "check" ? of.name : of.probe} is ${state}`);
    });
    await start();
    await breakWith("connect ECONNREFUSED 127.0.0.1:5432");
    await breakWith(undefined);
    await health.drain({ delayMs: 0 });
    const label = (line: Line) => pino.levels.labels[Number(line["level"])];
    expect(lines.map((line) => `${label(line)} ${line["msg"]}`)).toEqual(transitions);
    expect(transitions).toEqual(
      expect.arrayContaining([
        "debug postgres is healthy",
        "error postgres is unhealthy",
        "warn cache is unhealthy",
        "error readiness is unhealthy",
        "info postgres is healthy",
      ]),
    );
    for (const line of lines)
      for (const value of Object.values(line).flat()) expect(value === null || typeof value === "object").toBe(false);
  });

  it("tells of a check what happened, why and since when it is an incident", async () => {
    const { health, start, breakWith } = orders();
    const { lines, logger } = logging();
    logTransitions(health, logger);
    await start();
    await breakWith("connect ECONNREFUSED 127.0.0.1:5432");
    await breakWith(undefined);
    const broken = lineOf(lines, { check: "postgres" }, "unhealthy");
    expect(broken).toEqual({
      level: 50,
      msg: "postgres is unhealthy",
      event: "health.check.transition",
      check: "postgres",
      state: "unhealthy",
      previous_state: "healthy",
      incident_id: hex(32),
      critical: true,
      consecutive_failures: 1,
      cause: "connect ECONNREFUSED 127.0.0.1:5432",
      hint: "is the database running?",
      error_type: "ECONNREFUSED",
      fault: "transient",
    });
    const [, mended] = lines.filter(({ check, state }) => check === "postgres" && state === "healthy");
    expect(mended).toEqual({
      level: 30,
      msg: "postgres is healthy",
      event: "health.check.transition",
      check: "postgres",
      state: "healthy",
      previous_state: "unhealthy",
      incident_id: broken["incident_id"],
      critical: true,
      consecutive_failures: 0,
    });
  });

  it("tells of a probe which checks it is due to, and of which life", async () => {
    const { health, start, breakWith } = orders();
    const { lines, logger } = logging();
    await start();
    logTransitions(health, logger);
    await breakWith("gone");
    expect(lineOf(lines, { probe: "readiness" }, "unhealthy")).toEqual({
      level: 50,
      msg: "readiness is unhealthy",
      event: "health.probe.transition",
      probe: "readiness",
      state: "unhealthy",
      previous_state: expect.stringMatching(/^(healthy|degraded)$/),
      incident_id: lineOf(lines, { check: "postgres" }, "unhealthy")["incident_id"],
      lifecycle: "ready",
      checks: expect.arrayContaining(["postgres"]),
    });
    lines.splice(0);
    await breakWith(undefined);
    lines.splice(0);
    await health.drain({ delayMs: 0 });
    expect(lineOf(lines, { probe: "readiness" }, "unhealthy")).toEqual({
      level: 30,
      msg: "readiness is unhealthy",
      event: "health.probe.transition",
      probe: "readiness",
      state: "unhealthy",
      previous_state: "healthy",
      lifecycle: "draining",
    });
  });

  it("carries the ids of the transition's span where that is sampled", async () => {
    const { health, start, breakWith } = orders();
    const exporter = new InMemorySpanExporter();
    const spanProcessors = [new SimpleSpanProcessor({ exporter })];
    health.instrumentation.setTracerProvider(new TracerProvider({ spanProcessors }));
    const { lines, logger } = logging();
    logTransitions(health, logger);
    await start();
    await breakWith("gone");
    const line = lineOf(lines, { check: "postgres" }, "unhealthy");
    const span = exporter
      .getFinishedSpans()
      .find(
        ({ name, attributes }) => name === "health.transition postgres" && attributes["health.state"] === "unhealthy",
      );
    const { traceId, spanId } = span!.spanContext();
    expect(line).toMatchObject({ trace_id: traceId, span_id: spanId, incident_id: traceId });
  });

  it("goes through the logger's redaction", async () => {
    const { health, start, breakWith } = orders();
    const { lines, logger } = logging({ redact: { paths: ["cause", "checks[*]"], censor: "[hidden]" } });
    logTransitions(health, logger);
    const told: unknown[] = [];
    health.on("transition", (transition) => void told.push(transition));
    await start();
    await breakWith("no such user: anna@example.com");
    expect(lineOf(lines, { check: "postgres" }, "unhealthy")).toMatchObject({
      cause: "[hidden]",
      hint: "is the database running?",
    });
    expect(lineOf(lines, { probe: "readiness" }, "unhealthy")["checks"]).toContain("[hidden]");
    expect(JSON.stringify(lines)).not.toContain("anna");
    // What others are told is as it was.
    expect(told).toContainEqual(expect.objectContaining({ message: "no such user: anna@example.com" }));
    expect(told).toContainEqual(
      expect.objectContaining({ probe: "readiness", checks: expect.arrayContaining(["postgres"]) }),
    );
  });

  it("can have a field taken out", async () => {
    const { health, start, breakWith } = orders();
    const { lines, logger } = logging({ redact: { paths: ["cause", "hint"], remove: true } });
    logTransitions(health, logger);
    await start();
    await breakWith("gone");
    const line = lineOf(lines, { check: "postgres" }, "unhealthy");
    expect(Object.keys(line)).toEqual(expect.arrayContaining(["check", "error_type"]));
    expect(Object.keys(line)).not.toEqual(expect.arrayContaining(["cause"]));
    expect(Object.keys(line)).not.toEqual(expect.arrayContaining(["hint"]));
  });

  it("goes through the logger's bindings, serializers, mixin, formatters and message key", async () => {
    const { health, start, breakWith } = orders();
    const { lines, logger } = logging({
      messageKey: "message",
      serializers: { cause: (cause: string) => cause.toUpperCase() },
      mixin: () => ({ request_id: "none", check: "of the mixin" }),
      formatters: { level: (label) => ({ level: label }) },
    });
    logTransitions(health, logger.child({ component: "health" }));
    await start();
    await breakWith("gone");
    expect(lineOf(lines, { check: "postgres" }, "unhealthy")).toMatchObject({
      level: "error",
      message: "postgres is unhealthy",
      component: "health",
      request_id: "none",
      check: "postgres",
      cause: "GONE",
    });
  });

  it("goes by the logger's level, also when that changes", async () => {
    const { health, start, breakWith } = orders();
    const { lines, logger } = logging({ level: "error" });
    logTransitions(health, logger);
    await start();
    await breakWith("gone");
    expect(lines.map(({ level }) => level)).toEqual(lines.map(() => 50));
    expect(lines).not.toEqual([]);
    lines.splice(0);
    logger.level = "silent";
    await breakWith(undefined);
    expect(lines).toEqual([]);
    logger.level = "info";
    await breakWith("gone again");
    expect(lineOf(lines, { check: "cache" }, "unhealthy")).toMatchObject({ level: 40, cause: "gone again" });
  });

  it("ends when it is told to, for that logger alone", async () => {
    const { health, start, breakWith } = orders();
    const ended = logging();
    const going = logging();
    const end = logTransitions(health, ended.logger);
    logTransitions(health, going.logger);
    await start();
    end();
    end();
    ended.lines.splice(0);
    await breakWith("gone");
    expect(ended.lines).toEqual([]);
    expect(lineOf(going.lines, { check: "postgres" }, "unhealthy")).toMatchObject({ cause: "gone" });
  });

  it("changes nothing where the logger throws: states, answers, other listeners", async () => {
    const { health, start, breakWith } = orders();
    const complaints: unknown[] = [];
    const ignore = () => {};
    const error = (...args: unknown[]) => void complaints.push(args);
    diag.setLogger({ error, warn: ignore, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.ERROR);
    onTestFinished(() => diag.disable());
    const full = new Error("no space left on device");
    const stream = {
      write() {
        throw full;
      },
    };
    logTransitions(health, pino({ level: "trace" }, stream));
    const { lines, logger } = logging();
    logTransitions(health, logger);
    await start();
    await breakWith("gone");
    expect(health.snapshot().checks.postgres.status).toBe("unhealthy");
    expect(health.respond({ method: "GET", url: "/readyz" })?.status).toBe(503);
    expect(lineOf(lines, { check: "postgres" }, "unhealthy")).toMatchObject({ cause: "gone" });
    expect(complaints).toEqual(lines.map(() => ["otel-health: a transition listener threw", full]));
  });

  it("says what a check answered, not only what it threw", async () => {
    const clock = new FakeClock();
    const health = createHealth({
      clock,
      checks: {
        queue: {
          run: () => fail("5000 waiting", { fault: "fatal", hint: "scale the workers" }),
          failureThreshold: 1,
          gracePeriodMs: 0,
        },
      },
    });
    onTestFinished(() => health.stop());
    const { lines, logger } = logging();
    logTransitions(health, logger);
    await health.start();
    await clock.advance(1_000);
    expect(lineOf(lines, { check: "queue" }, "unhealthy")).toMatchObject({
      cause: "5000 waiting",
      hint: "scale the workers",
      fault: "fatal",
    });
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "debug, info, warn, error"],
    [
      "a logger without pino's levels",
      pino({ customLevels: { loud: 35 }, useOnlyCustomLevels: true, level: "loud" }),
      "debug, info, warn, error",
    ],
    ["a logger that lacks one", { debug() {}, info() {}, error() {} }, "warn"],
  ])("refuses %s", (_what, logger, missing) => {
    const refuse = () => logTransitions(createHealth(), logger as Logger);
    expect(refuse).toThrow(
      `logger of logTransitions() must be a pino logger with pino's own levels (missing: ${missing})`,
    );
    expect(refuse).toThrow(expect.toSatisfy(isHealthError));
  });
});

describe("the README's table of fields", () => {
  it("lists every field that a line can have, and both events", async () => {
    const { health, start, breakWith } = orders();
    health.instrumentation.setTracerProvider(new TracerProvider());
    const { lines, logger } = logging();
    logTransitions(health, logger);
    await start();
    await breakWith("gone");
    const written = new Set(lines.flatMap((line) => Object.keys(line)));
    for (const own of ["level", "msg"]) written.delete(own);
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const listed = Array.from(readme.matchAll(/^\| `(\w+)` +\|/gm), ([, field]) => field);
    expect(listed.toSorted()).toEqual([...written].toSorted());
    for (const event of [events.checkTransition, events.probeTransition]) expect(readme).toContain(event);
  });
});

describe("the line of a check that another one brought down", () => {
  it("names that as the cause, and no line of its own does", async () => {
    const { lines, logger } = logging();
    const health = createHealth({
      clock: new FakeClock(),
      checks: { network: push(), db: push({ dependsOn: ["network"] }) },
    });
    onTestFinished(() => health.stop());
    logTransitions(health, logger);
    await health.start();
    health.checks.network.fail("unreachable");
    health.checks.db.fail("timeout");
    const ofChecks = lines.filter(({ event }) => event === events.checkTransition);
    expect(ofChecks.map(({ check, caused_by }) => [check, caused_by])).toEqual([
      ["network", undefined],
      ["db", "network"],
    ]);
  });
});
