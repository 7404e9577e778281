import { HealthError } from "../health-error.ts";
import { longestMs, OptionReader, show } from "../option-reader.ts";
import { type FlappingRules, flappingRules } from "../state/flapping.ts";
import { attend } from "../telemetry/guard.ts";
import { type AnyProbe, isGroup, type ProbeName, probeNames } from "../verdict/probe.ts";
import type { AttachCheck, BackoffOptions, Check, CheckFunction, CheckKind } from "./check.ts";
import { type Bounds, judgeNumber } from "./judge-number.ts";

/** How answers become states; what `reduce` is told about a check. */
export interface StateRules {
  readonly failureThreshold: number;
  readonly gracePeriodMs: number;
  readonly successThreshold: number;
  readonly persistentAfterMs: number;
  /** Undefined for what someone decides: what they say counts at once, however often. */
  readonly flapping: FlappingRules | undefined;
  /** `Infinity` for what is not run. */
  readonly slowAfterMs: number;
}

/** When a check is run. */
export interface ScheduleRules {
  readonly run: CheckFunction;
  readonly attach: AttachCheck | undefined;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly initialDelayMs: number;
  readonly jitter: number;
  readonly backoff: Required<BackoffOptions>;
  readonly staleAfterMs: number;
}

/** A check with every option validated and defaulted. */
export interface ResolvedCheck extends StateRules {
  readonly kind: CheckKind;
  readonly critical: boolean;
  /** The probes and groups that it counts for. */
  readonly probes: readonly AnyProbe[];
  readonly hint: string | undefined;
  readonly dependsOn: readonly string[];
  /** Looks at this process only: allowed in liveness, counted in serving. */
  readonly inProcess: boolean;
  /** Undefined for what is told and not run. */
  readonly schedule: ScheduleRules | undefined;
  /** heartbeat: tolerated silence; push: age at which an outcome is too old. `Infinity` elsewhere. Milliseconds. */
  readonly maxAgeMs: number;
  /** gate: whether it starts open. */
  readonly open: boolean;
}

/** How far a check looks; a plain function has not said. */
type Reach = "in process" | "external" | "unsaid";

const kinds: readonly CheckKind[] = ["function", "heartbeat", "push", "gate", "threshold"];

/** Turns the probes that a check names into the probes and groups that it counts for. */
export type AdjustProbes = (own: readonly ProbeName[]) => readonly AnyProbe[];

/**
 * Validates and defaults the options of one check. `where` names it in errors; `adjust` has the last word on its
 * probes. Throws `HealthError`.
 */
export function resolveCheck(where: string, check: Check, adjust: AdjustProbes = (own) => own): ResolvedCheck {
  const options = new OptionReader(where, typeof check === "function" ? { run: check } : check);
  const kind = options.oneOf("kind", kinds, "function");
  const common = {
    kind,
    critical: options.boolean("critical", true),
    hint: options.string("hint"),
    persistentAfterMs: options.ms("persistentAfterMs", 300_000, 1),
    dependsOn: options.names("dependsOn"),
  };
  const resolved = resolveKind(where, options, kind, common, adjust);
  options.done();
  return resolved;
}

type Common = Pick<ResolvedCheck, "kind" | "critical" | "hint" | "persistentAfterMs" | "dependsOn">;

/** What is told counts at once: whoever tells has decided. */
const immediate = { failureThreshold: 1, gracePeriodMs: 0, successThreshold: 1, slowAfterMs: Number.POSITIVE_INFINITY };
const told = {
  ...immediate,
  flapping: undefined,
  inProcess: true,
  schedule: undefined,
  maxAgeMs: Number.POSITIVE_INFINITY,
  open: true,
};

function resolveKind(
  where: string,
  options: OptionReader,
  kind: CheckKind,
  common: Common,
  adjust: AdjustProbes,
): ResolvedCheck {
  switch (kind) {
    case "heartbeat":
      return {
        ...told,
        ...common,
        flapping: flappingRules,
        probes: readProbes(where, options, adjust, "in process"),
        maxAgeMs: options.ms("maxAgeMs", undefined, 1),
      };
    case "push": {
      const maxAgeMs = options.number("staleAfterMs", {
        min: 1,
        fallback: Number.POSITIVE_INFINITY,
        unit: "milliseconds",
      });
      return { ...told, ...common, probes: readProbes(where, options, adjust, "in process"), maxAgeMs };
    }
    case "gate": {
      // A gate switches readiness and serving as a whole; it has no place in liveness, which restarts.
      const named = adjust([]);
      const misplaced = named.find((probe) => probe === "liveness" || probe === "startup");
      if (misplaced !== undefined)
        options.contradiction(
          `a gate switches readiness and serving; take it out of the checks of probe "${misplaced}"`,
        );
      const probes = ["readiness", "serving", ...named.filter(isGroup)];
      return { ...told, ...common, probes, open: options.boolean("open", true) };
    }
    case "threshold":
      return resolveScheduled(
        where,
        options,
        common,
        { run: readThreshold(where, options), attach: undefined },
        adjust,
        "in process",
      );
    case "function": {
      const run = options.function<CheckFunction>("run");
      if (run === undefined) options.fail("run", "a function", undefined, "give the function that asks the dependency");
      const external = options.unchecked("external");
      if (external !== undefined && typeof external !== "boolean") options.fail("external", "true or false", external);
      const reach = external === undefined ? "unsaid" : external ? "external" : "in process";
      const attach = options.function<AttachCheck>("attach");
      return resolveScheduled(where, options, common, { run: run as CheckFunction, attach }, adjust, reach);
    }
  }
}

function resolveScheduled(
  where: string,
  options: OptionReader,
  common: Common,
  asked: Pick<ScheduleRules, "run" | "attach">,
  adjust: AdjustProbes,
  reach: Reach,
): ResolvedCheck {
  const probes = readProbes(where, options, adjust, reach);
  // A check that can only restart the process is strict: it looks at this process, where there is no network to blip.
  const strict = probes.filter((probe) => !isGroup(probe)).join() === "liveness";
  const intervalMs = options.ms("intervalMs", 10_000, 1);
  const timeoutMs = options.ms("timeoutMs", 2_000, 1);
  const staleAfterMs = options.ms("staleAfterMs", Math.min(2 * intervalMs + timeoutMs, longestMs), 1);
  if (staleAfterMs < timeoutMs) {
    options.contradiction(
      `staleAfterMs (${staleAfterMs}) is shorter than a run may take, timeoutMs (${timeoutMs}); raise staleAfterMs or lower timeoutMs`,
    );
  }
  const slowAfterMs = options.number("slowAfterMs", { min: 0, fallback: timeoutMs / 2, unit: "milliseconds" });
  if (slowAfterMs > timeoutMs) {
    options.contradiction(
      `slowAfterMs (${slowAfterMs}) is beyond timeoutMs (${timeoutMs}), so no pass could be slow; lower slowAfterMs`,
    );
  }
  const schedule: ScheduleRules = {
    ...asked,
    intervalMs,
    timeoutMs,
    staleAfterMs,
    initialDelayMs: options.ms("initialDelayMs", 0),
    jitter: options.number("jitter", { min: 0, max: 1, fallback: 0.1 }),
    backoff: readBackoff(where, options),
  };
  return {
    ...common,
    probes,
    inProcess: reach === "in process",
    schedule,
    flapping: flappingRules,
    slowAfterMs,
    failureThreshold: options.number("failureThreshold", { min: 1, integer: true, fallback: strict ? 1 : 3 }),
    gracePeriodMs: options.ms("gracePeriodMs", strict ? 0 : intervalMs),
    successThreshold: options.number("successThreshold", { min: 1, integer: true, fallback: 1 }),
    maxAgeMs: Number.POSITIVE_INFINITY,
    open: true,
  };
}

const defaultBackoff: Required<BackoffOptions> = { initialMs: 1_000, factor: 2 };

function readBackoff(where: string, options: OptionReader): Required<BackoffOptions> {
  if (options.unchecked("backoff") === undefined) return defaultBackoff;
  const backoff = new OptionReader(`backoff of ${where}`, options.section("backoff"));
  const rules = {
    initialMs: backoff.ms("initialMs", defaultBackoff.initialMs, 1),
    factor: backoff.number("factor", { min: 1, max: 100, fallback: defaultBackoff.factor }),
  };
  backoff.done();
  return rules;
}

function readThreshold(where: string, options: OptionReader): CheckFunction {
  const value = options.function<() => number>("value");
  if (value === undefined) options.fail("value", "a function that returns a number", undefined);
  const bound = (key: string, fallback: number) => options.number(key, { min: Number.NEGATIVE_INFINITY, fallback });
  const bounds: Bounds = {
    warnAbove: bound("warnAbove", Number.POSITIVE_INFINITY),
    failAbove: bound("failAbove", Number.POSITIVE_INFINITY),
    warnBelow: bound("warnBelow", Number.NEGATIVE_INFINITY),
    failBelow: bound("failBelow", Number.NEGATIVE_INFINITY),
  };
  const { warnAbove, failAbove, warnBelow, failBelow } = bounds;
  const given = [warnAbove, failAbove, warnBelow, failBelow].filter(Number.isFinite);
  if (given.length === 0) {
    throw new HealthError(
      "contradictory_options",
      `${where} has no bound; give at least one of warnAbove, failAbove, warnBelow, failBelow`,
    );
  }
  if (Number.isFinite(warnAbove) && warnAbove > failAbove)
    options.contradiction(`warnAbove (${warnAbove}) is beyond failAbove (${failAbove}); swap them`);
  if (Number.isFinite(warnBelow) && warnBelow < failBelow)
    options.contradiction(`warnBelow (${warnBelow}) is beyond failBelow (${failBelow}); swap them`);
  const lowest = Math.max(warnBelow, failBelow);
  const highest = Math.min(warnAbove, failAbove);
  if (lowest > highest)
    options.contradiction(`nothing is both from ${lowest} up and at most ${highest}, so nothing could pass; swap them`);
  return () => {
    const measured = (value as () => number)();
    attend("a threshold's value rejected", measured);
    return judgeNumber(measured, bounds);
  };
}

function readProbes(where: string, options: OptionReader, adjust: AdjustProbes, reach: Reach): readonly AnyProbe[] {
  const own = [...options.someOf("probes", probeNames, ["readiness"], "leave it out for readiness")];
  if (reach === "in process" && own.includes("readiness") && !own.includes("serving")) own.push("serving");
  const probes = adjust(own);
  if (!probes.includes("liveness") || reach === "in process") return probes;
  throw new HealthError(
    "external_in_liveness",
    reach === "external"
      ? `${where} asks a dependency and cannot count for liveness: a slow dependency would restart every instance, which mends nothing; take it out of liveness, got probes ${show(probes)}`
      : `${where} counts for liveness but may look beyond this process; say external: false if it does not, or take it out of liveness, got probes ${show(probes)}`,
  );
}
