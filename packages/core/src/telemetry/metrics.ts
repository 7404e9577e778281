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
  /** The names of the checks that there are. */
  checkNames(): Iterable<string>;
  /** Every check that there is with its state, and the seconds since its newest result (undefined before the first). */
  eachCheck(visit: (name: string, state: HealthState, ageSeconds: number | undefined) => void): void;
  /** Every check that depends on others, and whether it is in trouble because of them. */
  eachDependent(visit: (name: string, attributed: boolean) => void): void;
  /** The four probes and the groups. */
  readonly probes: readonly AnyProbe[];
  verdict(probe: AnyProbe): VerdictStatus;
  requests(probe: AnyProbe): RequestCounts;
}

interface Bound {
  readonly provider: MeterProvider;
  readonly duration: Histogram;
  readonly checkTransitions: Counter;
  readonly probeTransitions: Counter;
  readonly startup: Histogram;
  readonly unbind: () => void;
}

/** What a provider had been told when it was left: an SDK adds up, so nothing may be told twice. */
interface Told {
  readonly checks: ReadonlySet<string>;
  readonly startup: boolean;
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
  readonly #told = new WeakMap<MeterProvider, Told>();
  /** Transitions so far by check or probe: counted here too, so that a provider that comes late misses none. */
  readonly #checkTransitions = new TransitionCounts(healthStates);
  readonly #probeTransitions = new TransitionCounts(verdictStatuses);
  /** Checks that were removed. An SDK never forgets a series, so they are reported as 0 for good. */
  readonly #removed = new Set<string>();
  /** Checks that have been told to be attributed or not. */
  readonly #dependents = new Set<string>();
  #names = 0;
  #startupSeconds: number | undefined;
  #warned = false;

  constructor(providers: Providers, source: MetricSource) {
    this.#providers = providers;
    this.#source = source;
  }

  /** Binds to the provider of now. Cheap while nothing changed, so it is called whenever the schedule wakes. */
  bind(): void {
    const provider = this.#providers.meterProvider;
    if (provider === this.#provider) return;
    this.#provider = provider;
    const before = this.#bound;
    this.#bound = undefined;
    if (before !== undefined) {
      const { provider, unbind } = before;
      this.#told.set(provider, { checks: new Set(this.#everyName()), startup: this.#startupSeconds !== undefined });
      guarded("leaving the meter provider", unbind);
    }
    if (provider !== undefined) guarded("binding the instruments", () => this.#bindTo(provider));
  }

  /** How many names of checks there ever were: each has its series for as long as the process lives. */
  get names(): number {
    return this.#names;
  }

  /** Whether a check of this name was removed, and left its series behind. */
  remembers(name: string): boolean {
    return this.#removed.has(name);
  }

  added(name: string): void {
    // One that was here before has its series, and they go on.
    if (this.#removed.delete(name)) return;
    this.#names++;
    if (this.#bound !== undefined) this.#tellCheck(this.#bound, name);
    const series = this.#names * healthStates.length;
    if (series < cardinalityLimit || this.#warned) return;
    this.#warned = true;
    guarded("warning of the cardinality limit", () =>
      diag.warn(
        `otel-health: ${this.#names} checks make ${series} series of ${metrics.checkStatus.name}, and an SDK folds what is beyond ${cardinalityLimit} into one; give the SDK the view { instrumentName: "health.check.*", aggregationCardinalityLimit: ${series * 2} }`,
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
    this.#checkTransitions.add(name, state, previous);
    const told = { [attributes.checkName]: name, [attributes.state]: state, [attributes.previousState]: previous };
    guarded("counting a transition", () => this.#bound?.checkTransitions.add(1, told));
  }

  probeTransition(probe: AnyProbe, state: VerdictStatus, previous: VerdictStatus): void {
    this.#probeTransitions.add(probe, state, previous);
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
    const observe = (result: BatchObservableResult) => guarded("observing", () => this.#observe(result, observables));
    const all = Object.values(observables);
    const bound: Bound = {
      provider,
      duration,
      startup,
      checkTransitions: meter.createCounter(checkTransitions.name, options(checkTransitions)),
      probeTransitions: meter.createCounter(probeTransitions.name, options(probeTransitions)),
      unbind: () => meter.removeBatchObservableCallback(observe, all),
    };
    meter.addBatchObservableCallback(observe, all);
    this.#bound = bound;
    const told = this.#told.get(provider);
    for (const name of this.#everyName()) if (!told?.checks.has(name)) this.#tellCheck(bound, name);
    if (told === undefined) for (const probe of this.#source.probes) this.#tellProbe(bound, probe);
    if (!told?.startup) this.#tellStartup(bound);
  }

  #everyName(): readonly string[] {
    return [...this.#source.checkNames(), ...this.#removed];
  }

  #tellCheck({ checkTransitions }: Bound, name: string): void {
    tellPast(checkTransitions, attributes.checkName, name, this.#checkTransitions);
  }

  #tellProbe({ probeTransitions }: Bound, probe: AnyProbe): void {
    tellPast(probeTransitions, attributes.probeType, probe, this.#probeTransitions);
  }

  #tellStartup({ startup }: Bound): void {
    const seconds = this.#startupSeconds;
    if (seconds !== undefined) guarded("telling what was before", () => startup.record(seconds));
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
        const http = Number(status);
        result.observe(requests, count, {
          [attributes.probeType]: probe,
          ...(Number.isNaN(http) ? { [attributes.rpcStatusCode]: status } : { [attributes.httpStatusCode]: http }),
        });
      }
    }
  }
}

/** Counts the transitions that were before the counter was. */
function tellPast<S extends string>(
  counter: Counter,
  attribute: string,
  name: string,
  counts: TransitionCounts<S>,
): void {
  guarded("telling what was before", () =>
    counts.each(name, (state, previous, count) =>
      counter.add(count, { [attribute]: name, [attributes.state]: state, [attributes.previousState]: previous }),
    ),
  );
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

/**
 * How often each state followed each other one, by name. Between healthy and unhealthy 0 counts too: `increase()` needs
 * a start.
 */
class TransitionCounts<S extends string> {
  /** A map for each pair of states: most names have only ever seen one or two pairs. */
  readonly #pairs: readonly { readonly state: S; readonly previous: S; readonly counts: Map<string, number> }[];

  constructor(states: readonly S[]) {
    this.#pairs = states.flatMap((state) => states.map((previous) => ({ state, previous, counts: new Map() })));
  }

  add(name: string, state: S, previous: S): void {
    const counts = this.#pairs.find((pair) => pair.state === state && pair.previous === previous)?.counts;
    counts?.set(name, (counts.get(name) ?? 0) + 1);
  }

  each(name: string, visit: (state: S, previous: S, count: number) => void): void {
    for (const { state, previous, counts } of this.#pairs) {
      const count = counts.get(name) ?? 0;
      if (count > 0 || isSeeded(state, previous)) visit(state, previous, count);
    }
  }
}

function isSeeded(state: string, previous: string): boolean {
  return (state === "healthy" && previous === "unhealthy") || (state === "unhealthy" && previous === "healthy");
}
