import { type AnySampler, type Clock, demand, type FunctionCheck, systemClock } from "@otel-health/core";
import { CallIndex } from "./calls/call-index.ts";
import { Degradation, type WatchedHealth } from "./degraded/degradation.ts";
import { demandOptions } from "./options.ts";
import { createPassive, type PassiveOptions } from "./passive/passive.ts";
import { type RecordOnlyOptions, recordOnly, recordsCalls } from "./record-only.ts";
import { RequestCounter } from "./requests/request-counter.ts";
import { createRequests, type RequestsOptions } from "./requests/requests.ts";
import { HttpServer } from "./sources/http-server.ts";
import { OwnCalls } from "./sources/own-calls.ts";
import { Sampling } from "./sources/sampling.ts";
import { SharedSubscription } from "./sources/shared-subscription.ts";
import { createSpanProcessor, type TrafficSpanProcessor } from "./sources/span-processor.ts";
import { UndiciCalls } from "./sources/undici-calls.ts";

/** Options of {@link createTraffic}. */
export interface TrafficOptions {
  /** That of the health object whose checks these are; default the process's own. */
  readonly clock?: Clock;
}

/** Health from the requests that a service serves and the calls that it makes. Two of them share nothing. */
export interface Traffic {
  /** For an SDK's `spanProcessors`. It exports nothing, and may be made long before the SDK or the health object. */
  readonly spanProcessor: TrafficSpanProcessor;
  /** A check of the requests that this process serves. Throws `HealthError`. */
  requests(options?: RequestsOptions): FunctionCheck;
  /** A check of a dependency by the calls that this process makes to it. Throws `HealthError`. */
  passive(options: PassiveOptions): FunctionCheck;
  /**
   * Tells requests from the probes of `health`, and marks the spans of requests that are served while one of its checks
   * is degraded or unhealthy. Returns a function that ends it.
   */
  watch(health: WatchedHealth): () => void;
  /**
   * A sampler for an SDK: `sampler` decides what is exported, and the spans of requests and calls are recorded in any
   * case, so that the span processor sees those of traces that are sampled out too.
   */
  recordOnly<S extends AnySampler>(sampler: S, options?: RecordOnlyOptions): Pick<S, "shouldSample" | "toString">;
}

/** Makes what ties checks, spans and a health object together. Nothing is listened to before a check of it is started. */
export function createTraffic(options: TrafficOptions = {}): Traffic {
  demandOptions("createTraffic()", options, ["clock"]);
  const { clock = systemClock } = options;
  const isClock = typeof clock?.now === "function" && typeof clock.setTimer === "function";
  demand(isClock, "clock of createTraffic()", "a clock such as a health object takes", clock);
  const calls = new CallIndex();
  const requests = new RequestCounter();
  const degradation = new Degradation();
  const own = new OwnCalls();
  const sampling = new Sampling();
  const undici = new UndiciCalls({ index: calls, own, clock, sampledOut: () => sampling.sampledOut() });
  const server = new HttpServer({ requests, probes: degradation, clock });
  const ofUndici = new SharedSubscription(() => undici.subscribe());
  const ofServer = new SharedSubscription(() => server.subscribe());
  return {
    spanProcessor: createSpanProcessor({ calls, requests, degradation, own }),
    requests: (given = {}) =>
      createRequests(given, {
        counter: requests,
        clock,
        knowsProbes: () => degradation.isWatching,
        subscribe: () => ofServer.use(),
      }),
    passive: (given) =>
      createPassive(given, {
        calls,
        own,
        clock,
        missesCalls: () => sampling.missesCalls(),
        subscribe: () => ofUndici.use(),
      }),
    watch(health) {
      const isHealth = typeof health?.on === "function" && typeof health.snapshot === "function";
      demand(isHealth, "health of watch()", "a health object", health);
      return degradation.watch(health);
    },
    recordOnly(sampler, given) {
      const recording = recordOnly(sampler, given);
      sampling.recordsCalls = recordsCalls(given);
      return recording;
    },
  };
}
