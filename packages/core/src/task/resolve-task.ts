import { type AdjustProbes, type ResolvedCheck, resolveCheck } from "../check/resolve-check.ts";
import { OptionReader, show } from "../option-reader.ts";
import { flappingRules } from "../state/flapping.ts";
import type { TaskOptions } from "./task.ts";

/** How long a task may run, milliseconds. */
export interface TaskLimits {
  readonly deadlineMs: number;
  readonly unhealthyAfterMs: number;
}

/** The options of a task, validated and defaulted. */
export interface ResolvedTaskOptions {
  readonly limits: TaskLimits;
  /** The check that all tasks of the name share. */
  readonly check: ResolvedCheck;
}

const timeInMs = { min: 1, unit: "milliseconds" };

/** Validates and defaults what is said of the task `name`. Throws `HealthError`. */
export function resolveTaskOptions(name: string, options: TaskOptions, adjust: AdjustProbes): ResolvedTaskOptions {
  const where = `task "${name}"`;
  const reader = new OptionReader(where, options);
  const deadlineMs = reader.number("deadlineMs", {
    ...timeInMs,
    mend: "give Infinity for a loop that is never to end",
  });
  const unhealthyAfterMs = reader.number("unhealthyAfterMs", { ...timeInMs, fallback: 2 * deadlineMs });
  if (unhealthyAfterMs < deadlineMs)
    reader.contradiction(
      `unhealthyAfterMs (${unhealthyAfterMs}) is before deadlineMs (${deadlineMs}), so nothing could be degraded; raise it`,
    );
  const ofCheck = {
    critical: reader.unchecked("critical"),
    probes: reader.unchecked("probes"),
    hint: reader.unchecked("hint"),
    dependsOn: reader.unchecked("dependsOn"),
    persistentAfterMs: reader.unchecked("persistentAfterMs"),
  };
  reader.done();
  const check = resolveCheck(where, { ...ofCheck, kind: "push" } as Parameters<typeof resolveCheck>[1], adjust);
  // Unlike what someone pushes, it is nobody's word: what comes and goes is held as it is for any check.
  return { limits: { deadlineMs, unhealthyAfterMs }, check: { ...check, flapping: flappingRules } };
}

const shared = ["critical", "probes", "hint", "dependsOn", "persistentAfterMs"] as const;

/** Throws `contradictory_options` where a later call says something else of the check than the one that made it. */
export function demandSameCheck(name: string, made: ResolvedCheck, given: ResolvedCheck): void {
  for (const option of shared) {
    const [before, now] = [made[option], given[option]];
    if (before !== now && JSON.stringify(before) !== JSON.stringify(now))
      new OptionReader(`task "${name}"`, {}).contradiction(
        `${option} is ${show(now)} here and was ${show(before)} in an earlier call; tasks of one name share one check, so say the same of it in each or choose another name`,
      );
  }
}
