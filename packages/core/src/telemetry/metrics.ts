import {
  type Attributes,
  type BatchObservableResult,
  type Counter,
  diag,
  type Histogram,
  type Meter,
  type MeterProvider,
  type Observable,
} from "@opentelemetry/api";
import type { Observation } from "../observation/observation.ts";
import type { RequestCounts } from "../report/answers.ts";
import { type HealthState, healthStates } from "../state/check-state.ts";
import type { AnyProbe } from "../verdict/probe.ts";
import { type VerdictStatus, verdictStatuses } from "../verdict/votes.ts";
import { version } from "../version.ts";
import { complain, guarded } from "./guard.ts";
import type { Providers } from "./providers.ts";
import { attributes, durationBuckets, metrics, scopeName, startupBuckets } from "./semconv.ts";

/** What is read at each collection. It does no I/O and decides nothing. */
export interface MetricSource {
  /** Every check with its state, and the seconds since its newest result (undefined before the first). */
  eachCheck(visit: (name: string, state: HealthState, ageSeconds: number | undefined) => void): void;
  /** Every check that depends on others, and whether it is in trouble because of them. */
  eachDependent(visit: (name: string, attributed: boolean) => void): void;
  /** The four probes and the groups. */
  readonly probes: readonly AnyProbe[];
  verdict(probe: AnyProbe): VerdictStatus;
  requests(probe: AnyProbe): RequestCounts;
}

interface Bound {
  readonly duration: Histogram;
  readonly checkTransitions: Counter;
  readonly probeTransitions: Counter;
  readonly startup: Histogram;
  /** What the provider has been told of the past: an SDK adds up, so nothing may be told twice. */
  readonly told: Set<string>;
  unbind(): void;
}

/** Attribute sets of one instrument beyond which an SDK, unless told otherwise, folds them into one. */
const cardinalityLimit = 2_000;

/** Owns the instruments: binds them to whichever meter provider there is, and again when that changes. */
export class Metrics {
  readonly #providers: Providers;
  readonly #source: MetricSource;
  /** The provider of now, also where binding to it failed: one that throws is not asked over and over. */
  #provider: MeterProvider | undefined;
  #bound: Bound | undefined;
  readonly #told = new WeakMap<MeterProvider, Set<string>>();
  /** Transitions so far by check or probe: counted here too, so that a provider that comes late misses none. */
  readonly #checkTransitions = new Map<string, TransitionCounts<HealthState>>();
  readonly #probeTransitions = new Map<string, TransitionCounts<VerdictStatus>>();
  /** Checks that were removed. An SDK never forgets a series, so they are reported as 0 for good. */
  readonly #removed = new Set<string>();
  /** Checks that have been told to be attributed or not. */
  readonly #dependents = new Set<string>();
  #startupSeconds: number | undefined;
  #warned = false;

  constructor(providers: Providers, source: MetricSource) {
    this.#providers = providers;
    this.#source = source;
    for (const probe of source.probes) this.#probeTransitions.set(probe, new TransitionCounts(verdictStatuses));
  }

  /** Binds to the provider of now. Cheap while nothing changed, so it is called whenever the schedule wakes. */
  bind(): void {
    const provider = this.#providers.meterProvider;
    if (provider === this.#provider) return;
    this.#provider = provider;
    const before = this.#bound;
    this.#bound = undefined;
    if (before !== undefined) guarded("leaving the meter provider", () => before.unbind());
    if (provider !== undefined) guarded("binding the instruments", () => this.#bindTo(provider));
  }

  added(name: string): void {
    this.#removed.delete(name);
    if (this.#checkTransitions.has(name)) return;
    const counts = new TransitionCounts(healthStates);
    this.#checkTransitions.set(name, counts);
    if (this.#bound !== undefined) seed(this.#bound, this.#bound.checkTransitions, attributes.checkName, name, counts);
    const series = this.#checkTransitions.size * healthStates.length;
    if (series < cardinalityLimit || this.#warned) return;
    this.#warned = true;
    guarded("warning of the cardinality limit", () =>
      diag.warn(
        `otel-health: ${this.#checkTransitions.size} checks make ${series} series of ${metrics.checkStatus.name}, and an SDK folds what is beyond ${cardinalityLimit} into one; give the SDK the view { instrumentName: "health.check.*", aggregationCardinalityLimit: ${series * 2} }`,
      ),
    );
  }

  removed(name: string): void {
    this.#removed.add(name);
  }

  ran(name: string, { outcome, durationMs, errorType }: Observation): void {
    const bound = this.#bound;
    if (bound === undefined || durationMs === undefined) return;
    const told: Attributes = { [attributes.checkName]: name, [attributes.checkResult]: outcome };
    if (errorType !== undefined) told[attributes.errorType] = errorType;
    try {
      bound.duration.record(durationMs / 1_000, told);
    } catch (error) {
      complain("recording a duration", error);
    }
  }

  checkTransition(name: string, state: HealthState, previous: HealthState): void {
    this.#checkTransitions.get(name)?.add(state, previous);
    const told = { [attributes.checkName]: name, [attributes.state]: state, [attributes.previousState]: previous };
    guarded("counting a transition", () => this.#bound?.checkTransitions.add(1, told));
  }

  probeTransition(probe: AnyProbe, state: VerdictStatus, previous: VerdictStatus): void {
    this.#probeTransitions.get(probe)?.add(state, previous);
    const told = { [attributes.probeType]: probe, [attributes.state]: state, [attributes.previousState]: previous };
    guarded("counting a transition", () => this.#bound?.probeTransitions.add(1, told));
  }

  started(seconds: number): void {
    this.#startupSeconds = seconds;
    if (this.#bound !== undefined) this.#tellStartup(this.#bound);
  }

  #bindTo(provider: MeterProvider): void {
    const meter = provider.getMeter(scopeName, version);
    const observables = makeObservables(meter);
    const { checkDuration, checkTransitions, probeTransitions, startupDuration } = metrics;
    const duration = meter.createHistogram(checkDuration.name, {
      ...options(checkDuration),
      advice: { explicitBucketBoundaries: [...durationBuckets] },
    });
    const startup = meter.createHistogram(startupDuration.name, {
      ...options(startupDuration),
      advice: { explicitBucketBoundaries: [...startupBuckets] },
    });
    const told = this.#told.get(provider) ?? new Set();
    this.#told.set(provider, told);
    const observe = (result: BatchObservableResult) => guarded("observing", () => this.#observe(result, observables));
    const all = Object.values(observables);
    const bound: Bound = {
      duration,
      startup,
      checkTransitions: meter.createCounter(checkTransitions.name, options(checkTransitions)),
      probeTransitions: meter.createCounter(probeTransitions.name, options(probeTransitions)),
      told,
      unbind: () => meter.removeBatchObservableCallback(observe, all),
    };
    meter.addBatchObservableCallback(observe, all);
    this.#bound = bound;
    for (const [name, counts] of this.#checkTransitions)
      seed(bound, bound.checkTransitions, attributes.checkName, name, counts);
    for (const [probe, counts] of this.#probeTransitions)
      seed(bound, bound.probeTransitions, attributes.probeType, probe, counts);
    this.#tellStartup(bound);
  }

  #tellStartup(bound: Bound): void {
    const seconds = this.#startupSeconds;
    if (seconds !== undefined) tellOnce(bound, "startup", () => bound.startup.record(seconds));
  }

  #observe(
    result: BatchObservableResult,
    { checkStatus, attributed, probeStatus, resultAge, requests }: Observables,
  ): void {
    const observeStates = (name: string, current: HealthState | undefined) => {
      for (const state of healthStates) {
        result.observe(checkStatus, state === current ? 1 : 0, {
          [attributes.checkName]: name,
          [attributes.state]: state,
        });
      }
    };
    this.#source.eachCheck((name, current, ageSeconds) => {
      observeStates(name, current);
      if (ageSeconds !== undefined) result.observe(resultAge, ageSeconds, { [attributes.checkName]: name });
    });
    this.#source.eachDependent((name, is) => {
      this.#dependents.add(name);
      result.observe(attributed, is ? 1 : 0, { [attributes.checkName]: name });
    });
    for (const name of this.#removed) {
      observeStates(name, undefined);
      if (this.#dependents.has(name)) result.observe(attributed, 0, { [attributes.checkName]: name });
      result.observe(resultAge, 0, { [attributes.checkName]: name });
    }
    for (const probe of this.#source.probes) {
      const verdict = this.#source.verdict(probe);
      for (const state of verdictStatuses) {
        result.observe(probeStatus, state === verdict ? 1 : 0, {
          [attributes.probeType]: probe,
          [attributes.state]: state,
        });
      }
      for (const [status, count] of Object.entries(this.#source.requests(probe))) {
        result.observe(requests, count, { [attributes.probeType]: probe, [attributes.httpStatusCode]: Number(status) });
      }
    }
  }
}

/** Counts the transitions that were before the counter was. */
function seed<S extends string>(
  bound: Bound,
  counter: Counter,
  attribute: string,
  name: string,
  counts: TransitionCounts<S>,
): void {
  tellOnce(bound, `${attribute} ${name}`, () =>
    counts.each((state, previous, count) =>
      counter.add(count, { [attribute]: name, [attributes.state]: state, [attributes.previousState]: previous }),
    ),
  );
}

function tellOnce({ told }: Bound, what: string, tell: () => void): void {
  if (told.has(what)) return;
  told.add(what);
  guarded("telling what was before", tell);
}

interface Observables {
  readonly checkStatus: Observable;
  readonly attributed: Observable;
  readonly probeStatus: Observable;
  readonly resultAge: Observable;
  readonly requests: Observable;
}

function makeObservables(meter: Meter): Observables {
  const { checkStatus, checkAttributed, probeStatus, checkResultAge, probeRequests } = metrics;
  return {
    checkStatus: meter.createObservableUpDownCounter(checkStatus.name, options(checkStatus)),
    attributed: meter.createObservableUpDownCounter(checkAttributed.name, options(checkAttributed)),
    probeStatus: meter.createObservableUpDownCounter(probeStatus.name, options(probeStatus)),
    resultAge: meter.createObservableGauge(checkResultAge.name, options(checkResultAge)),
    requests: meter.createObservableCounter(probeRequests.name, options(probeRequests)),
  };
}

function options({ unit, description }: { readonly unit: string; readonly description: string }) {
  return { unit, description };
}

/** How often each state followed each other one. Between healthy and unhealthy 0 counts too: `increase()` needs a start. */
class TransitionCounts<S extends string> {
  readonly #states: readonly S[];
  readonly #counts: Uint32Array;

  constructor(states: readonly S[]) {
    this.#states = states;
    this.#counts = new Uint32Array(states.length ** 2);
  }

  add(state: S, previous: S): void {
    const cell = this.#cell(state, previous);
    this.#counts[cell] = (this.#counts[cell] as number) + 1;
  }

  each(visit: (state: S, previous: S, count: number) => void): void {
    for (const state of this.#states) {
      for (const previous of this.#states) {
        const count = this.#counts[this.#cell(state, previous)] as number;
        if (count > 0 || isSeeded(state, previous)) visit(state, previous, count);
      }
    }
  }

  #cell(state: S, previous: S): number {
    return this.#states.indexOf(state) * this.#states.length + this.#states.indexOf(previous);
  }
}

function isSeeded(state: string, previous: string): boolean {
  return (state === "healthy" && previous === "unhealthy") || (state === "unhealthy" && previous === "healthy");
}
