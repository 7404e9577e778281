import {
  type AttachCheck,
  type CheckFunction,
  type Clock,
  demand,
  demandCheck,
  demandCheckOptions,
  type FunctionCheck,
  type OwnOptions,
  type ScheduleOptions,
} from "@otel-health/core";
import type { CallIndex, EndedCall } from "../calls/call-index.ts";
import { type Match, readMatch } from "../calls/matcher.ts";
import { predicate } from "../contained.ts";
import { demandFunction, readBound, readWindow, type WindowOptions } from "../options.ts";
import { attachAll } from "../sources/attach-all.ts";
import type { OwnCalls } from "../sources/own-calls.ts";
import { SharedSubscription } from "../sources/shared-subscription.ts";
import { Dependency } from "./dependency.ts";

/** Options of `traffic.passive()`: those of any check that is run, and these. */
export interface PassiveOptions extends ScheduleOptions, WindowOptions {
  /** Which calls are the dependency's. */
  readonly match: Match;
  /**
   * Asked where the calls can't tell: a check function, or a check whose options the passive one has unless it says
   * otherwise. Without it, too little traffic passes.
   */
  readonly active?: CheckFunction | FunctionCheck;
  /** Milliseconds that are looked back on; default 10 000. */
  readonly windowMs?: number;
  /** Fewer calls than these are too few to judge; default 10. */
  readonly minSamples?: number;
  /** Milliseconds that 95 of 100 calls may take before it warns; default any. */
  readonly maxP95Ms?: number;
  /** Whether a call has failed; `call.failed` is what it counts as otherwise. */
  readonly isError?: (call: EndedCall) => boolean;
}

const known: OwnOptions<PassiveOptions> = {
  match: true,
  active: true,
  windowMs: true,
  minSamples: true,
  maxErrorRatio: true,
  maxP95Ms: true,
  isError: true,
};
const defaults = { windowMs: 10_000, minSamples: 10 };
/** Those of any check that is run. */
const schedule = { intervalMs: 10_000, timeoutMs: 2_000, failureThreshold: 3, successThreshold: 1 };
const where = "passive()";

/** What a passive check is given. */
export interface PassiveParts {
  readonly calls: CallIndex;
  readonly own: OwnCalls;
  readonly clock: Clock;
  /** Whether calls are missed since their traces are sampled out. */
  readonly missesCalls: () => boolean;
  readonly subscribe: AttachCheck;
}

/** A check of a dependency by the calls that the service makes to it. */
export function createPassive(options: PassiveOptions, parts: PassiveParts): FunctionCheck {
  const own = demandCheckOptions(where, options, known);
  const { match, active: given, maxP95Ms, isError } = options;
  const matcher = readMatch(`match of ${where}`, match);
  const active = given === undefined ? undefined : readActive(given);
  demandFunction(`isError of ${where}`, isError);
  const { run: ask, attach: attachActive, kind: _kind, ...inherited } = active ?? { run: undefined };
  const resolved = {
    // The window has debounced what the calls say.
    gracePeriodMs: 0,
    external: true,
    ...inherited,
    ...own,
  };
  const dependency = new Dependency({
    ...parts,
    ask,
    window: readWindow(where, options, defaults),
    maxP95Ms: readBound(`maxP95Ms of ${where}`, maxP95Ms),
    isError: isError && predicate(`isError of ${where}`, isError, ({ failed }) => failed),
    schedule: { ...schedule, ...resolved },
  });
  const calls = new SharedSubscription(() => {
    const off = parts.calls.add(dependency, matcher);
    return () => {
      off();
      dependency.stop();
    };
  });
  const check: FunctionCheck = {
    ...resolved,
    run: (context) => dependency.run(context),
    attach: attachAll([(runNow) => dependency.tally.attach(runNow), () => calls.use(), parts.subscribe, attachActive]),
  };
  demandCheck(where, check);
  return check;
}

function readActive(active: CheckFunction | FunctionCheck): FunctionCheck {
  if (typeof active === "function") return { run: active };
  const isCheck = typeof active === "object" && active !== null && typeof active.run === "function";
  demand(isCheck, `active of ${where}`, "a check function, or a check that has one as run", active);
  return active;
}
