import {
  type AttachCheck,
  type Clock,
  demandCheck,
  demandCheckOptions,
  type FunctionCheck,
  fail,
  type Outcome,
  type OwnOptions,
  pass,
  type ScheduleOptions,
  warn,
} from "@otel-health/core";
import { predicate } from "../contained.ts";
import { demandFunction, readBound, readWindow, type WindowOptions } from "../options.ts";
import { attachAll } from "../sources/attach-all.ts";
import { SharedSubscription } from "../sources/shared-subscription.ts";
import { Tally } from "../window/tally.ts";
import { counted, duration, failures } from "../words.ts";
import type { RequestCounter, RequestWatcher } from "./request-counter.ts";
import type { OpenRequest, RequestEnd, ServedRequest } from "./served-request.ts";

/** Options of `traffic.requests()`: those of any check that is run, and these. */
export interface RequestsOptions extends ScheduleOptions, WindowOptions {
  /** Milliseconds that are looked back on; default 60 000. */
  readonly windowMs?: number;
  /** Fewer requests than these are too few to judge; default 20. */
  readonly minSamples?: number;
  /** Milliseconds that 99 of 100 requests may take; default any. */
  readonly maxP99Ms?: number;
  /** Whether a request that was answered has failed; `failed` is what it counts as otherwise: a 5xx, an RPC's server error. */
  readonly isError?: (request: ServedRequest, failed: boolean) => boolean;
  /** Whether a request is not counted at all; asked when it begins. Probes are not counted anyway. */
  readonly ignore?: (request: ServedRequest) => boolean;
}

const known: OwnOptions<RequestsOptions> = {
  windowMs: true,
  minSamples: true,
  maxErrorRatio: true,
  maxP99Ms: true,
  isError: true,
  ignore: true,
};
const defaults = { windowMs: 60_000, minSamples: 20 };
const where = "requests()";

/** What a check of requests is given. */
export interface RequestsParts {
  readonly counter: RequestCounter;
  readonly clock: Clock;
  /** Whether probes can be told from requests. */
  readonly knowsProbes: () => boolean;
  readonly subscribe: AttachCheck;
}

/**
 * A check of the requests that the service serves. In-process, so that it may count for liveness where that is named;
 * optional unless `critical` says otherwise: who takes a slow instance away gives its load to the others.
 */
export function createRequests(options: RequestsOptions, parts: RequestsParts): FunctionCheck {
  const schedule = demandCheckOptions(where, options, known);
  const { maxP99Ms, isError, ignore } = options;
  demandFunction(`isError of ${where}`, isError);
  demandFunction(`ignore of ${where}`, ignore);
  const judge = new RequestsJudge({
    window: readWindow(where, options, defaults),
    maxP99Ms: readBound(`maxP99Ms of ${where}`, maxP99Ms),
    isError: isError && predicate(`isError of ${where}`, isError, (_request, failed) => failed),
    ignore: ignore && predicate(`ignore of ${where}`, ignore, () => false),
    clock: parts.clock,
  });
  const unwatched = () =>
    warn("probes cannot be told from requests", { hint: "call traffic.watch(health) with the health object" });
  const counting = new SharedSubscription(() => parts.counter.add(judge));
  const check: FunctionCheck = {
    critical: false,
    failureThreshold: 1,
    gracePeriodMs: 0,
    ...schedule,
    external: false,
    run: () => (parts.knowsProbes() ? judge.run() : unwatched()),
    attach: attachAll([(runNow) => judge.tally.attach(runNow), () => counting.use(), parts.subscribe]),
  };
  demandCheck(where, check);
  return check;
}

interface JudgeParts {
  readonly window: Required<WindowOptions>;
  readonly maxP99Ms: number;
  readonly isError: ((request: ServedRequest, failed: boolean) => boolean) | undefined;
  readonly ignore: ((request: ServedRequest) => boolean) | undefined;
  readonly clock: Clock;
}

class RequestsJudge implements RequestWatcher {
  readonly tally: Tally;
  readonly #parts: JudgeParts;
  /** The oldest first. */
  readonly #open = new Set<OpenRequest>();

  constructor(parts: JudgeParts) {
    this.#parts = parts;
    this.tally = new Tally({ ...parts.window, maxMs: parts.maxP99Ms, early: false }, parts.clock);
  }

  counts(request: ServedRequest): boolean {
    return this.#parts.ignore?.(request) !== true;
  }

  began(request: OpenRequest): void {
    this.#open.add(request);
  }

  ended(request: ServedRequest, end: RequestEnd): void {
    this.#open.delete(request as OpenRequest);
    const { maxP99Ms, isError, clock } = this.#parts;
    const now = clock.now();
    if (end.by === "client") {
      // No fault of the service, unless it was slow: then the client has only lost patience first.
      if (end.answering) return;
      if (end.complete) this.tally.giveUp(now, end.ms);
      if (end.ms > maxP99Ms) this.tally.window.time(now, end.ms);
      return;
    }
    const failed = isError === undefined ? end.failed : isError(request, end.failed);
    this.tally.count(now, failed, end.errorType, failed ? undefined : end.ms);
  }

  run(): Outcome {
    const now = this.#parts.clock.now();
    this.tally.begin(now);
    const outcome = this.#judge(now);
    this.tally.judged(outcome.status === "fail", true);
    return outcome;
  }

  #judge(now: number): Outcome {
    const { window: rules, maxP99Ms } = this.#parts;
    const { calls, timed, unanswered } = this.tally.window;
    const within = duration(rules.windowMs);
    const said = failures(this.tally, "request");
    if (this.tally.isEnough && this.tally.isOver) return fail(said, { errorType: "too_many_errors" });
    const waiting = this.#waiting(now, maxP99Ms);
    const samples = timed + waiting.length;
    const p99Ms = samples < rules.minSamples ? undefined : this.tally.window.quantile(0.99, waiting);
    if (p99Ms !== undefined && p99Ms > maxP99Ms) {
      const share = `the slowest hundredth of ${samples} requests in ${within}`;
      const open = waiting.length === 0 ? "" : `; ${waiting.length} have no answer yet`;
      const message = `${share} took ${duration(p99Ms)} or more, above ${duration(maxP99Ms)}${open}`;
      return fail(message, { errorType: "too_slow" });
    }
    if (this.tally.isUnanswered) return warn(`${counted(unanswered, "client")} left without an answer in ${within}`);
    if (!this.tally.isEnough) return pass(`too little traffic to judge: ${counted(calls, "request")} in ${within}`);
    return pass(said);
  }

  /** How long those have been waiting that have waited too long for their answer to begin. */
  #waiting(now: number, longestMs: number): readonly number[] {
    const waiting: number[] = [];
    for (const request of this.#open) {
      const ms = now - request.startedAt;
      if (ms <= longestMs) break;
      if (!request.isAnswering) waiting.push(ms);
    }
    return waiting;
  }
}
