import { type Check, createHealth, gate, type HealthState, heartbeat, push, threshold } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { create, errorOf, type Refusal } from "./refusal.ts";

const run = () => {};
const noop = run;
const withCheck = (db: object) => () => create({ checks: { db } });

const refusals: readonly Refusal[] = [
  [
    "an unknown check in a probe",
    () => create({ checks: { db: noop, cache: noop }, probes: { readiness: { checks: ["db", "cahce"] } } }),
    "unknown_check",
    'probe "readiness" names the check "cahce", which does not exist; the checks are: db, cache',
  ],
  [
    "a check in a probe where there are none",
    () => create({ probes: { serving: { checks: ["db"] } } }),
    "unknown_check",
    'probe "serving" names the check "db", which does not exist; the checks are: none',
  ],
  [
    "an inherited name in a probe",
    () => create({ checks: { db: noop }, probes: { readiness: { checks: ["constructor"] } } }),
    "unknown_check",
    'probe "readiness" names the check "constructor", which does not exist; the checks are: db',
  ],
  [
    "what is no name in a probe",
    () => create({ checks: { db: noop }, probes: { readiness: { checks: [5n] } } }),
    "unknown_check",
    'probe "readiness" names the check 5n, which does not exist; the checks are: db',
  ],
  [
    "a startup task in a probe",
    () => create({ startup: { migrate: noop }, probes: { startup: { checks: ["migrate"] } } }),
    "unknown_check",
    'probe "startup" names the check "migrate", which does not exist; the checks are: none',
  ],
  [
    "an unknown task to come after",
    () => create({ startup: { migrate: { run, after: ["conect"] }, connect: noop } }),
    "unknown_check",
    'startup task "migrate" comes after "conect", which is no startup task; the tasks are: migrate, connect',
  ],
  [
    "what is no name to come after",
    () => create({ startup: { migrate: { run, after: [5n] } } }),
    "unknown_check",
    'startup task "migrate" comes after 5n, which is no startup task; the tasks are: migrate',
  ],
  [
    "one name for a check and a task",
    () => create({ checks: { db: noop }, startup: { db: noop } }),
    "duplicate_name",
    '"db" names a check and a startup task, which one report could not tell apart; rename one',
  ],
  [
    "a task's name for a check that is registered later",
    () => create({ startup: { db: noop } }).register("db", noop),
    "duplicate_name",
    'there is a startup task "db" already; choose another name for the check',
  ],
  [
    "a check's name for a check that is registered later",
    () => create({ checks: { db: noop } }).register("db", push()),
    "duplicate_name",
    'there is a check "db" already; unregister it first or choose another name',
  ],
  [
    "a dependency in liveness by its own probes",
    withCheck({ run, external: true, probes: ["liveness"] }),
    "external_in_liveness",
    'check "db" asks a dependency and cannot count for liveness: a slow dependency would restart every instance, which mends nothing; take it out of liveness, got probes ["liveness"]',
  ],
  [
    "a dependency in liveness by the probe's checks",
    () => create({ checks: { db: { run, external: true } }, probes: { liveness: { checks: ["db"] } } }),
    "external_in_liveness",
    'check "db" asks a dependency and cannot count for liveness: a slow dependency would restart every instance, which mends nothing; take it out of liveness, got probes ["readiness", "liveness"]',
  ],
  [
    "a function in liveness that has not said how far it looks",
    withCheck({ run, probes: ["readiness", "liveness"] }),
    "external_in_liveness",
    'check "db" counts for liveness but may look beyond this process; say external: false if it does not, or take it out of liveness, got probes ["readiness", "liveness"]',
  ],
  [
    "a plain function in liveness",
    () => create({ checks: { db: noop }, probes: { liveness: { checks: ["db"] } } }),
    "external_in_liveness",
    'check "db" counts for liveness but may look beyond this process; say external: false if it does not, or take it out of liveness, got probes ["readiness", "liveness"]',
  ],
  [
    "a dependency in liveness that is registered later",
    () => create({}).register("db", { run, external: true, probes: ["liveness"] }),
    "external_in_liveness",
    'check "db" asks a dependency and cannot count for liveness: a slow dependency would restart every instance, which mends nothing; take it out of liveness, got probes ["liveness"]',
  ],
  [
    "a gate in liveness",
    () => create({ checks: { open: gate() }, probes: { liveness: { checks: ["open"] } } }),
    "contradictory_options",
    'check "open": a gate switches readiness and serving; take it out of the checks of probe "liveness"',
  ],
  [
    "a gate in startup",
    () => create({ checks: { open: gate() }, probes: { startup: { checks: ["open"] } } }),
    "contradictory_options",
    'check "open": a gate switches readiness and serving; take it out of the checks of probe "startup"',
  ],
  [
    "tasks that wait for each other",
    () => create({ startup: { a: { run, after: ["c"] }, b: { run, after: ["a"] }, c: { run, after: ["b"] } } }),
    "startup_cycle",
    'startup tasks wait for each other: a after c after b after a; remove one "after"',
  ],
  [
    "a task that waits for itself",
    () => create({ startup: { a: { run, after: ["a"] } } }),
    "startup_cycle",
    'startup tasks wait for each other: a after a; remove one "after"',
  ],
  [
    "a cycle behind other tasks",
    () => create({ startup: { z: { run, after: ["a"] }, a: { run, after: ["b"] }, b: { run, after: ["a"] } } }),
    "startup_cycle",
    'startup tasks wait for each other: a after b after a; remove one "after"',
  ],
  [
    "an answer that is stale before its run must have ended",
    withCheck({ run, staleAfterMs: 1_999 }),
    "contradictory_options",
    'check "db": staleAfterMs (1999) is shorter than a run may take, timeoutMs (2000); raise staleAfterMs or lower timeoutMs',
  ],
  [
    "slowness beyond the timeout",
    withCheck({ run, timeoutMs: 100, slowAfterMs: 101 }),
    "contradictory_options",
    'check "db": slowAfterMs (101) is beyond timeoutMs (100), so no pass could be slow; lower slowAfterMs',
  ],
  [
    "a threshold without a bound",
    () => threshold(() => 0, {}),
    "contradictory_options",
    "threshold() has no bound; give at least one of warnAbove, failAbove, warnBelow, failBelow",
  ],
  [
    "a threshold that only infinity crosses",
    () => threshold(() => 0, { failAbove: Number.POSITIVE_INFINITY }),
    "contradictory_options",
    "threshold() has no bound; give at least one of warnAbove, failAbove, warnBelow, failBelow",
  ],
  [
    "upper bounds the wrong way round",
    () => threshold(() => 0, { warnAbove: 2, failAbove: 1 }),
    "contradictory_options",
    "threshold(): warnAbove (2) is beyond failAbove (1); swap them",
  ],
  [
    "lower bounds the wrong way round",
    () => threshold(() => 0, { warnBelow: 1, failBelow: 2 }),
    "contradictory_options",
    "threshold(): warnBelow (1) is beyond failBelow (2); swap them",
  ],
  [
    "lower bounds above the upper ones",
    () => threshold(() => 0, { warnBelow: 5, failAbove: 4 }),
    "contradictory_options",
    "threshold(): nothing is both from 5 up and at most 4, so nothing could pass; swap them",
  ],
  [
    "a threshold without a value",
    () => threshold(undefined as never, { failAbove: 1 }),
    "invalid_option",
    "value of threshold() must be a function that returns a number, got undefined",
  ],
  [
    "a check without a function",
    withCheck({}),
    "invalid_option",
    'run of check "db" must be a function, got undefined; give the function that asks the dependency',
  ],
  [
    "a heartbeat without an age",
    () => heartbeat({} as never),
    "invalid_option",
    "maxAgeMs of heartbeat() must be a number from 1 to 2147483647 (milliseconds), got undefined",
  ],
  [
    "a task without a function",
    () => create({ startup: { migrate: {} } }),
    "invalid_option",
    'run of startup task "migrate" must be a function, got undefined; give the function that does the task',
  ],
  [
    "a service without a name",
    () => create({ service: { version: "1" } }),
    "invalid_option",
    "name of service must be a non-empty string, got undefined; name the service as its telemetry does",
  ],
  [
    "a quorum without a number",
    () => create({ probes: { readiness: { aggregate: {} } } }),
    "invalid_option",
    "quorum of aggregate must be a whole number from 1 up, got undefined",
  ],
  [
    "a check that is nothing",
    withCheck(null as never),
    "invalid_option",
    'check "db" must be an object of options, got null',
  ],
  [
    "a task that is nothing",
    () => create({ startup: { migrate: null } }),
    "invalid_option",
    'startup task "migrate" must be an object of options, got null',
  ],
  [
    "a check without a probe",
    withCheck({ run, probes: [] }),
    "invalid_option",
    'probes of check "db" must be an array of at least one, got []; leave it out for readiness',
  ],
  [
    "probes of a gate",
    () => gate({ probes: ["readiness"] } as never),
    "invalid_option",
    "probes is not an option of gate(); the options are: critical, dependsOn, hint, kind, open, persistentAfterMs",
  ],
  [
    "a quorum beyond the members",
    () =>
      create({ checks: { a: noop, b: noop }, probes: { readiness: { checks: ["a", "b"], aggregate: { quorum: 3 } } } }),
    "contradictory_options",
    'probe "readiness": a quorum of 3 cannot be reached with 2 checks; lower it',
  ],
  [
    "a quorum that counts one check twice",
    () => create({ checks: { a: noop }, probes: { readiness: { checks: ["a", "a"], aggregate: { quorum: 2 } } } }),
    "contradictory_options",
    'probe "readiness": a quorum of 2 cannot be reached with 1 checks; lower it',
  ],
  [
    "an aggregator for startup",
    () => create({ probes: { startup: { aggregate: "any" } } }),
    "contradictory_options",
    'probe "startup": startup waits for all of its checks and tasks; leave aggregate out',
  ],
  [
    "back-off that begins beyond its end",
    () => create({ startup: { migrate: { run, backoff: { initialMs: 31_000 } } } }),
    "contradictory_options",
    'startup task "migrate": backoff.maxMs (30000) is below backoff.initialMs (31000); raise it or lower the other',
  ],
];

describe("checks, probes and startup tasks that cannot be meant", () => {
  it.each(refusals)("%s", async (_, give, code, message) => {
    expect(await errorOf(give)).toEqual({ code, message });
  });
});

describe("checks that can be meant", () => {
  it.each<[string, Check, HealthState]>([
    ["bounds that leave one number", threshold(() => 3, { failBelow: 3, failAbove: 3 }), "healthy"],
    ["one bound twice", threshold(() => 3, { warnAbove: 3, failAbove: 3 }), "healthy"],
    [
      "a bound of infinity beside another",
      threshold(() => 3, { warnAbove: 5, failAbove: Number.POSITIVE_INFINITY }),
      "healthy",
    ],
    ["staleness as long as a run", { run, staleAfterMs: 2_000 }, "healthy"],
    ["slowness at the timeout", { run, slowAfterMs: 2_000 }, "healthy"],
    ["a function in liveness that looks at this process", { run, external: false, probes: ["liveness"] }, "healthy"],
    ["a heartbeat in liveness", heartbeat({ maxAgeMs: 1, probes: ["liveness"] }), "unknown"],
  ])("%s", async (_, check, status) => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { db: check } });
    const started = health.start();
    await clock.advance(0);
    await started;
    expect(health.checks.db.status).toBe(status);
    await health.stop();
  });
});
