import type { Meter, MeterProvider } from "@opentelemetry/api";
import { guarded } from "./guard.ts";
import type { Providers, Scope } from "./providers.ts";

/** Makes instruments on a meter; returns what takes its callbacks off the meter again. */
export type BindInstruments = (meter: Meter) => () => void;

interface Companion {
  readonly scope: Scope;
  readonly bind: BindInstruments;
  unbind: (() => void) | undefined;
}

/** Binds the instruments of the packages beside core to whichever meter provider there is, and again when that changes. */
export class CompanionMeters {
  readonly #providers: Providers;
  readonly #companions = new Set<Companion>();
  /** The provider of now, also where binding to it failed: one that throws is not asked over and over. */
  #provider: MeterProvider | undefined;

  constructor(providers: Providers) {
    this.#providers = providers;
  }

  /** Adds instruments; returns a function that takes them off. */
  add(scope: Scope, bind: BindInstruments): () => void {
    const companion: Companion = { scope, bind, unbind: undefined };
    this.bind();
    this.#companions.add(companion);
    this.#bind(companion);
    return () => {
      if (this.#companions.delete(companion)) this.#unbind(companion);
    };
  }

  /** Binds to the provider of now. Cheap while nothing changed. */
  bind(): void {
    const provider = this.#providers.meterProvider;
    if (provider === this.#provider) return;
    this.#provider = provider;
    for (const companion of this.#companions) {
      this.#unbind(companion);
      this.#bind(companion);
    }
  }

  #bind(companion: Companion): void {
    const { scope, bind } = companion;
    const provider = this.#provider;
    if (provider === undefined) return;
    companion.unbind = guarded(`binding the instruments of ${scope.name}`, () =>
      bind(provider.getMeter(scope.name, scope.version)),
    );
  }

  #unbind({ scope, unbind }: Companion): void {
    if (unbind !== undefined) guarded(`leaving the meter provider of ${scope.name}`, unbind);
  }
}
