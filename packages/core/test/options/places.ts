import {
  createHealth,
  drainOnSignals,
  gate,
  type Health,
  type HealthOptions,
  heartbeat,
  probeNames,
  push,
  type SignalSource,
  type TaskOptions,
  threshold,
} from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import {
  array,
  between,
  boolean,
  bound,
  callback,
  callbacks,
  clock,
  code,
  count,
  except,
  type Kind,
  listOf,
  mended,
  milliseconds,
  object,
  oneOf,
  openMilliseconds,
  section,
  text,
} from "./kinds.ts";

/** Somewhere options are given. */
export interface Place {
  /** As errors name it. */
  readonly where: string;
  /** Options that are valid, for those under test to be added to. */
  readonly base: object;
  /** Every option there, with what it takes. */
  readonly options: { readonly [key: string]: Kind };
  readonly give: (options: never) => unknown;
}

const noop = () => {};

/** A health object that reads no real time. */
function create(options: object): Health {
  return createHealth({ clock: new FakeClock(), ...options } as HealthOptions);
}

/** Signals that nobody sends. */
const source: SignalSource = { prependListener: noop, removeListener: noop, exit: noop };

const names: Kind = {
  must: "an array of names",
  bad: [[5], ["a", null], [["a"]]],
  good: [[]],
};
const checkOptions = {
  critical: boolean,
  probes: listOf("", probeNames),
  hint: text,
  persistentAfterMs: milliseconds(1),
  dependsOn: names,
};
const { probes: _, ...gateOptions } = checkOptions;
const scheduleOptions = {
  ...checkOptions,
  intervalMs: milliseconds(1),
  timeoutMs: milliseconds(1),
  initialDelayMs: milliseconds(0),
  jitter: between(0, 1),
  backoff: object,
  failureThreshold: count,
  gracePeriodMs: milliseconds(0),
  successThreshold: count,
  staleAfterMs: { ...milliseconds(1), good: [1_500, 2_147_483_647] },
  slowAfterMs: openMilliseconds(0, 0.5, 1),
};
const bounds = {
  warnAbove: { ...bound, good: [0, -1.5, Number.POSITIVE_INFINITY] },
  failAbove: { ...bound, good: [1e300, -5] },
  warnBelow: { ...bound, good: [0, -1.5, Number.NEGATIVE_INFINITY] },
  failBelow: { ...bound, good: [-1e300, 5, Number.NEGATIVE_INFINITY] },
};
const kind = (word: string): Kind => ({
  ...oneOf("function", "heartbeat", "push", "gate", "threshold"),
  good: [word],
});
const ofCheck = (options: object) => create({ checks: { db: options } });
const ofProbe = (probe: string) => (options: object) => create({ checks: { db: noop }, probes: { [probe]: options } });

const aggregate: Kind = {
  must: '"critical", "any", { quorum: n } or a function',
  bad: [null, true, 5, "", "all", 5n],
  good: ["critical", "any", { quorum: 1 }, () => "healthy"],
};
const knownChecks: Kind = { ...array, good: [[], ["db"], ["db", "db"]] };
const detail: Kind = { ...oneOf("status", "summary", "full"), bad: [null, true, 5, "text", "", "FULL", 5n] };
const groupPath = 'a path such as "/groupz/payments", without a slash at its end';
const codes = { healthy: 200, degraded: 207, unhealthy: 503 };
const statusCodes = {
  healthy: code(200, 299, "give the code of success for it, such as 200"),
  degraded: code(200, 599, "give 200 if a degraded process still takes traffic, 503 if not"),
  unhealthy: code(400, 599, "give a code of failure, such as 503: nobody would see it otherwise"),
};
const paths: Kind = { ...array, good: [[], ["/a"], ["/a", "/a/b.c"]] };

export const places: readonly Place[] = [
  {
    where: "createHealth()",
    base: { clock: new FakeClock() },
    give: createHealth,
    options: {
      service: { ...section("service"), good: [{ name: "orders" }] },
      checks: {
        must: "an object of checks by name",
        bad: [null, true, 5, "text", "", 5n, noop, [], [noop], new Map([["db", noop]]), new Set()],
        good: [{}, { db: noop }, Object.assign(Object.create(null), { db: noop })],
      },
      startup: { ...section("startup", { migrate: noop }), bad: [null, true, 5, "text", [], [noop], new Map()] },
      probes: section("probes"),
      groups: section("groups"),
      endpoints: section("endpoints"),
      concurrency: count,
      warmUpMs: openMilliseconds(0, 0.5, Number.POSITIVE_INFINITY),
      maxCheckNames: count,
      clock,
    },
  },
  {
    where: "service",
    base: { name: "orders" },
    give: (service: object) => create({ service }),
    options: { name: text, version: text, instance: text, commit: text, builtAt: text },
  },
  {
    where: "probes",
    base: {},
    give: (probes: object) => create({ probes }),
    options: Object.fromEntries(probeNames.map((probe) => [probe, section(`probe "${probe}"`)])),
  },
  ...(["readiness", "serving", "liveness"] as const).map((probe) => ({
    where: `probe "${probe}"`,
    base: probe === "liveness" ? { checks: [] } : {},
    give: ofProbe(probe),
    options: {
      checks: probe === "liveness" ? { ...array } : knownChecks,
      aggregate: probe === "liveness" ? { ...aggregate, good: ["any"] } : aggregate,
    },
  })),
  {
    where: 'probe "startup"',
    base: {},
    give: ofProbe("startup"),
    options: { checks: knownChecks, aggregate: { ...aggregate, good: [] } },
  },
  {
    where: 'group "payments"',
    base: { checks: ["db"] },
    give: (payments: object) => create({ checks: { db: noop }, groups: { payments } }),
    options: {
      checks: { ...array, good: [["db"], ["db", "db"]] },
      aggregate,
      path: { must: groupPath, bad: [...except("string"), "", "/", "up", "/up/"], good: ["/up", "/a/b.c"] },
      detail,
      statusCodes: { ...section('statusCodes of group "payments"'), good: [codes] },
    },
  },
  {
    where: 'statusCodes of group "payments"',
    base: codes,
    give: (statusCodes: object) =>
      create({ checks: { db: noop }, groups: { payments: { checks: ["db"], statusCodes } } }),
    options: statusCodes,
  },
  {
    where: "aggregate",
    base: { quorum: 1 },
    give: (aggregate: object) => create({ probes: { readiness: { aggregate } } }),
    options: { quorum: count },
  },
  {
    where: 'check "db"',
    base: { run: noop, external: false, intervalMs: 1, timeoutMs: 1 },
    give: ofCheck,
    options: { ...scheduleOptions, kind: kind("function"), run: callback, external: boolean, attach: callback },
  },
  {
    where: 'check "db"',
    base: { kind: "heartbeat", maxAgeMs: 1 },
    give: ofCheck,
    options: { ...checkOptions, kind: kind("heartbeat"), maxAgeMs: milliseconds(1) },
  },
  {
    where: 'check "db"',
    base: { kind: "push" },
    give: ofCheck,
    options: { ...checkOptions, kind: kind("push"), staleAfterMs: openMilliseconds(1, Number.POSITIVE_INFINITY) },
  },
  {
    where: 'check "db"',
    base: { kind: "gate" },
    give: ofCheck,
    options: { ...gateOptions, kind: kind("gate"), open: boolean },
  },
  {
    where: 'check "db"',
    base: { kind: "threshold", value: () => 0, failAbove: 1e301, intervalMs: 1, timeoutMs: 1 },
    give: ofCheck,
    options: { ...scheduleOptions, ...bounds, kind: kind("threshold"), value: { ...callback } },
  },
  {
    where: "heartbeat()",
    base: { maxAgeMs: 1 },
    give: heartbeat,
    options: { ...checkOptions, kind: { ...kind("heartbeat"), bad: [] }, maxAgeMs: milliseconds(1) },
  },
  {
    where: "push()",
    base: {},
    give: push,
    options: {
      ...checkOptions,
      kind: { ...kind("push"), bad: [] },
      staleAfterMs: openMilliseconds(1, Number.POSITIVE_INFINITY),
    },
  },
  {
    where: "gate()",
    base: {},
    give: gate,
    options: { ...gateOptions, kind: { ...kind("gate"), bad: [] }, open: boolean },
  },
  {
    where: "threshold()",
    base: { failAbove: 1e301, intervalMs: 1, timeoutMs: 1 },
    give: (options: { readonly failAbove: number }) => threshold(() => 0, options),
    options: {
      ...scheduleOptions,
      ...bounds,
      kind: { ...kind("threshold"), bad: [] },
      value: { ...callback, bad: [] },
    },
  },
  {
    where: 'backoff of check "db"',
    base: {},
    give: (backoff: object) => ofCheck({ run: noop, backoff }),
    options: { initialMs: milliseconds(1), factor: between(1, 100) },
  },
  {
    where: 'startup task "migrate"',
    base: { run: noop },
    give: (migrate: object) => create({ startup: { migrate, connect: noop } }),
    options: {
      run: callback,
      after: { ...array, good: [[], ["connect"], ["connect", "connect"]] },
      timeoutMs: milliseconds(1),
      attempts: count,
      backoff: object,
      hint: text,
    },
  },
  {
    where: 'backoff of startup task "migrate"',
    base: {},
    give: (backoff: object) => create({ startup: { migrate: { run: noop, backoff } } }),
    options: {
      initialMs: { ...milliseconds(1), good: [1, 30_000] },
      factor: between(1, 100),
      maxMs: { ...milliseconds(1), good: [1_000, 2_147_483_647] },
    },
  },
  ...["of the health object", "of endpoints()"].map((where) => ({
    where: "endpoints",
    base: {},
    give: (endpoints: object) => (where === "of endpoints()" ? create({}).endpoints(endpoints) : create({ endpoints })),
    options: {
      paths: object,
      prefix: {
        must: 'a path such as "/internal", without a slash at its end',
        bad: [...except("string"), "", "/", "internal", "/internal/"],
        good: ["/internal", "/a/b-c"],
      },
      detail,
      authorize: callback,
      authorizeTimeoutMs: milliseconds(1),
      statusCodes: section("statusCodes of endpoints", codes),
      reasonHeader: boolean,
    },
  })),
  {
    where: "statusCodes of endpoints",
    base: {},
    give: (statusCodes: object) => create({ endpoints: { statusCodes } }),
    options: Object.fromEntries(
      probeNames.map((probe) => [probe, { ...section(`${probe} of statusCodes of endpoints`), good: [codes] }]),
    ),
  },
  {
    where: "readiness of statusCodes of endpoints",
    base: codes,
    give: (readiness: object) => create({ endpoints: { statusCodes: { readiness } } }),
    options: statusCodes,
  },
  {
    where: "paths of endpoints",
    base: {},
    give: (paths: object) => create({ endpoints: { paths } }),
    options: { startup: paths, readiness: paths, serving: paths, liveness: paths },
  },
  {
    where: "detail of endpoints",
    base: {},
    give: (detail: object) => create({ endpoints: { detail } }),
    options: Object.fromEntries(probeNames.map((probe) => [probe, oneOf("status", "summary", "full")])),
  },
  {
    where: 'task "resize"',
    base: { deadlineMs: 1 },
    give: (options: TaskOptions) => create({}).task("resize", options, noop),
    options: {
      ...checkOptions,
      deadlineMs: mended(
        openMilliseconds(1, 1.5, Number.POSITIVE_INFINITY),
        "give Infinity for a loop that is never to end",
      ),
      unhealthyAfterMs: openMilliseconds(1, 1.5, Number.POSITIVE_INFINITY),
    },
  },
  {
    where: "drain()",
    base: {},
    give: (options: object) => void create({}).drain(options),
    options: {
      delayMs: milliseconds(0),
      flush: callback,
      deadlineMs: { ...milliseconds(0), good: [5_000, 2_147_483_647] },
      exiting: boolean,
    },
  },
  {
    where: "drainOnSignals()",
    base: { process: source },
    give: (options: object) => drainOnSignals(create({}), options)(),
    options: {
      signals: listOf("", ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR2", "SIGBREAK"]),
      delayMs: milliseconds(0),
      close: callbacks,
      flush: callback,
      deadlineMs: { ...milliseconds(0), good: [5_000, 2_147_483_647] },
      process: {
        must: "a source of signals (missing: prependListener, removeListener, exit)",
        bad: [null, 5, "text", {}, noop, []],
        good: [source],
      },
      clock,
    },
  },
  {
    where: "refresh()",
    base: {},
    give: (options: object) => create({}).refresh(options),
    options: { maxAgeMs: milliseconds(0) },
  },
  {
    where: "report()",
    base: {},
    give: (options: object) => create({}).report("readiness", options),
    options: { detail: oneOf("status", "summary", "full") },
  },
];
