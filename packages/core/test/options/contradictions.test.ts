import { drainOnSignals, type SignalSource } from "@otel-health/core";
import { describe, expect, it } from "vitest";
import { create, errorOf, type Refusal } from "./refusal.ts";

const noop = () => {};
const source: SignalSource = { prependListener: noop, removeListener: noop, exit: noop };

const refusals: readonly Refusal[] = [
  [
    "one path for two probes",
    () => create({ endpoints: { paths: { readiness: ["/up"], liveness: ["/up"] } } }),
    "contradictory_options",
    'endpoints: the path "/up" is given to readiness and to liveness; give each probe its own',
  ],
  [
    "another probe's default path",
    () => create({ endpoints: { paths: { readiness: ["/livez"] } } }),
    "contradictory_options",
    'endpoints: the path "/livez" is given to readiness and to liveness; give each probe its own',
  ],
  [
    "a path twice",
    () => create({ endpoints: { paths: { readiness: ["/up", "/up"] } } }),
    "contradictory_options",
    'endpoints: the path "/up" is given to readiness twice; leave one out',
  ],
  ...["", "/", "up", "/up/", "//up", "/up?x", "/up#x", "/u p", 5, null].map(
    (path): Refusal => [
      `the path ${JSON.stringify(path)}`,
      () => create({}).endpoints({ paths: { readiness: [path as string] } }),
      "invalid_option",
      `readiness of paths of endpoints must be an array of paths such as "/readyz", without a slash at their end, got ${JSON.stringify(path)}`,
    ],
  ),
  ...["/", "internal", "/internal/", "/a//b", "/a?b", "/a b"].map(
    (prefix): Refusal => [
      `the prefix ${JSON.stringify(prefix)}`,
      () => create({ endpoints: { prefix } }),
      "invalid_option",
      `prefix of endpoints must be a path such as "/internal", without a slash at its end, got ${JSON.stringify(prefix)}`,
    ],
  ),
  [
    "a deadline before the delay is over",
    () => create({}).drain({ delayMs: 5_000, deadlineMs: 4_999 }),
    "contradictory_options",
    "drain(): deadlineMs (4999) is shorter than delayMs (5000); raise it or shorten the delay",
  ],
  [
    "a deadline before the default delay is over",
    () => create({}).drain({ deadlineMs: 4_999 }),
    "contradictory_options",
    "drain(): deadlineMs (4999) is shorter than delayMs (5000); raise it or shorten the delay",
  ],
  [
    "a deadline before the delay of a signal is over",
    () => drainOnSignals(create({}), { process: source, deadlineMs: 1 }),
    "contradictory_options",
    "drainOnSignals(): deadlineMs (1) is shorter than delayMs (5000); raise it or shorten the delay",
  ],
  [
    "no signal at all",
    () => drainOnSignals(create({}), { process: source, signals: [] }),
    "invalid_option",
    "signals of drainOnSignals() must be an array of at least one, got []; leave it out for SIGTERM and SIGINT",
  ],
  [
    "signals for what cannot drain",
    () => drainOnSignals({ drain: noop } as never, { process: source }),
    "invalid_option",
    "health of drainOnSignals() must be a health object (missing: stop), got an object",
  ],
  [
    "signals for nothing",
    () => drainOnSignals(undefined as never, { process: source }),
    "invalid_option",
    "health of drainOnSignals() must be a health object (missing: drain, stop), got undefined",
  ],
  [
    "half a clock",
    () => create({ clock: { now: () => 0, wallTime: () => 0, setTimer: 5 } }),
    "invalid_option",
    "clock of createHealth() must be a Clock (missing: random, setTimer, clearTimer), got an object",
  ],
  [
    "a report of no probe",
    () => create({}).report("readyness" as never),
    "invalid_option",
    'probe of report() must be one of "startup", "readiness", "serving", "liveness", got "readyness"',
  ],
  [
    "a report of nothing",
    () => create({}).report(undefined as never),
    "invalid_option",
    'probe of report() must be one of "startup", "readiness", "serving", "liveness", got undefined',
  ],
  [
    "a listener of nothing",
    () => create({}).on(undefined as never, noop),
    "invalid_option",
    'event of on() must be one of "transition", "change", got undefined',
  ],
  [
    "a listener of what there is not",
    () => create({}).on("transitions" as never, noop),
    "invalid_option",
    'event of on() must be one of "transition", "change", got "transitions"',
  ],
  [
    "a listener that is none",
    () => create({}).on("transition", "me" as never),
    "invalid_option",
    'listener of on() must be a function, got "me"',
  ],
  [
    "no listener",
    () => create({}).on("transition", undefined as never),
    "invalid_option",
    "listener of on() must be a function, got undefined",
  ],
  ...[undefined, "", 5, null].map(
    (reason): Refusal => [
      `the fatal reason ${JSON.stringify(reason)}`,
      () => create({}).fatal(reason as string),
      "invalid_option",
      `fatal() takes the reason as a non-empty string, got ${JSON.stringify(reason)}`,
    ],
  ),
  [
    "one name too many",
    () => create({ maxCheckNames: 2, checks: { a: noop, b: noop, c: noop } }),
    "too_many_names",
    '"c" would be distinct check name number 3, maxCheckNames is 2; every name costs series for the life of the process, so reuse names or raise maxCheckNames',
  ],
  [
    "a long value",
    () => create({ checks: { db: { run: noop, hint: Array(7).fill("x".repeat(50)) } } }),
    "invalid_option",
    `hint of check "db" must be a non-empty string, got [${Array(5)
      .fill(`"${"x".repeat(40)}…"`)
      .join(", ")}, …]`,
  ],
];

describe("options that cannot be meant", () => {
  it.each(refusals)("%s", async (_, give, code, message) => {
    expect(await errorOf(give)).toEqual({ code, message });
  });
});

describe("options that can be meant", () => {
  it("a name that was freed does not count twice", async () => {
    const health = create({ maxCheckNames: 1 });
    for (let i = 0; i < 3; i++) {
      health.register("db", noop);
      expect(await health.unregister("db")).toBe(true);
    }
    expect(await health.unregister("db")).toBe(false);
  });

  it("a signal that is given twice is listened to once", () => {
    const signals: string[] = [];
    const listening = { ...source, prependListener: (signal: string) => signals.push(signal) };
    drainOnSignals(create({}), { process: listening, signals: ["SIGTERM", "SIGTERM"] });
    expect(signals).toEqual(["SIGTERM"]);
  });
});
