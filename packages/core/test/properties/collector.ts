import {
  type BatchObservableCallback,
  createNoopMeter,
  type Meter,
  type MeterProvider,
  type Observable,
} from "@opentelemetry/api";

/** One observed value: instrument, attributes, number. */
export interface Observed {
  readonly instrument: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: number;
}

/** A meter provider that collects when it is told to, in the same turn: also from inside a listener. */
export class Collector implements MeterProvider {
  readonly #names = new Map<Observable, string>();
  #callbacks: BatchObservableCallback[] = [];

  getMeter(): Meter {
    const observable = (name: string) => {
      const made = createNoopMeter().createObservableGauge(name);
      // The API's stand-in is one object for all instruments.
      const own = Object.create(made) as Observable;
      this.#names.set(own, name);
      return own;
    };
    return Object.assign(Object.create(createNoopMeter()) as Meter, {
      createObservableUpDownCounter: observable,
      createObservableGauge: observable,
      createObservableCounter: observable,
      addBatchObservableCallback: (callback: BatchObservableCallback) => void this.#callbacks.push(callback),
      removeBatchObservableCallback: (callback: BatchObservableCallback) => {
        this.#callbacks = this.#callbacks.filter((one) => one !== callback);
      },
    });
  }

  collect(): readonly Observed[] {
    const seen: Observed[] = [];
    for (const callback of this.#callbacks) {
      // Ours is synchronous, or there would be nothing to see in this turn.
      void callback({
        observe: (instrument, value, attributes = {}) => {
          seen.push({ instrument: this.#names.get(instrument) ?? "?", attributes, value });
        },
      });
    }
    return seen;
  }

  /** The states that a status metric has at 1, by check or probe; a list, so that none and two show. */
  states(instrument: string, key: string): Readonly<Record<string, readonly unknown[]>> {
    const states: Record<string, unknown[]> = {};
    for (const { instrument: name, attributes, value } of this.collect()) {
      if (name !== instrument) continue;
      const of = String(attributes[key]);
      states[of] ??= [];
      if (value === 1) states[of].push(attributes["health.state"]);
      else if (value !== 0) states[of].push(value);
    }
    return states;
  }
}
