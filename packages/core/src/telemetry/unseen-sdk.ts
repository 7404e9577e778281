import { guarded } from "./guard.ts";
import type { Providers } from "./providers.ts";
import { registeredSdk } from "./registered-sdk.ts";

/**
 * Says once that there is an SDK and it gets nothing from here, since it was registered with another copy of the API.
 * Nothing else would: to a copy that refuses the other's registration all is as if there were no SDK.
 */
export class UnseenSdk {
  readonly #providers: Providers;
  #told = false;

  constructor(providers: Providers) {
    this.#providers = providers;
  }

  look(): void {
    if (this.#told) return;
    guarded("looking for the SDK", () => {
      const unseen = this.#providers.unseen();
      const sdk = registeredSdk();
      if (unseen.length === 0 || sdk === undefined) return;
      this.#told = true;
      // Its own logger, not our copy's: that one may be as unseen as the rest.
      sdk.diag?.error(
        `otel-health: the SDK gets no ${unseen.join(" and no ")} of health: it is registered with @opentelemetry/api ${sdk.version}, and otel-health was given another copy, ${this.#providers.apiVersion}. Install @opentelemetry/api once (a peer dependency wherever it is a dependency; dedupe), or hand health.instrumentation to the SDK`,
      );
    });
  }
}
