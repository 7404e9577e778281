import { diag } from "@opentelemetry/api";

/** Knows whether calls are missed since the spans of their traces are dropped. */
export class Sampling {
  /** The sampler has the calls recorded that it does not sample. */
  recordsCalls = false;
  #sampledOut = false;
  #told = false;

  /** A call was made in a trace that was sampled out. */
  sampledOut(): void {
    this.#sampledOut = true;
  }

  /** Whether a check that sees few calls may be missing some; says so through `diag` the first time. */
  missesCalls(): boolean {
    if (!this.#sampledOut || this.recordsCalls) return false;
    if (!this.#told) warn();
    this.#told = true;
    return true;
  }
}

function warn(): void {
  try {
    diag.warn(
      "otel-health: a passive check sees few calls, and traces are sampled out, whose spans reach no span processor; wrap the sampler of the SDK in traffic.recordOnly(sampler) to have all calls seen",
    );
  } catch {
    // A diag logger that throws leaves nobody to tell.
  }
}
