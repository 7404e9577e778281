import type { Check } from "./check/check.ts";
import type { Checks, HandleOf, HandlesOf } from "./check/handle.ts";
import type { Clock } from "./clock.ts";
import type { DrainOptions } from "./lifecycle/drain.ts";
import type { StartupTasks } from "./lifecycle/startup-options.ts";
import type { EndpointOptions, Endpoints, HealthRequest } from "./report/endpoints.ts";
import type { Detail, Report } from "./report/report.ts";
import type { HealthResponse } from "./report/response.ts";
import type { StatusCodes } from "./report/status-codes.ts";
import type { HealthSnapshot, ServiceInfo } from "./snapshot/health-snapshot.ts";
import type { TaskOptions, TaskWork } from "./task/task.ts";
import type { HealthInstrumentation } from "./telemetry/instrumentation.ts";
import type { ScopedTelemetry } from "./telemetry/scoped-telemetry.ts";
import type { TransitionListener } from "./telemetry/telemetry.ts";
import type { AnyProbe, ProbeName } from "./verdict/probe.ts";
import type { Aggregate, VerdictStatus } from "./verdict/votes.ts";

/** How one probe is composed. */
export interface ProbeOptions<Names extends string = string> {
  /** Exactly these checks, instead of those that name the probe. */
  readonly checks?: readonly Names[];
  /** How their states become one verdict; default `"critical"`. */
  readonly aggregate?: Aggregate;
}

/**
 * A probe of the user's own over some of the checks, whatever the process's life: for a dashboard, or a balancer that
 * routes one kind of traffic. It has a verdict, metrics, events and a path like the other probes.
 */
export interface GroupOptions<Names extends string = string> extends ProbeOptions<Names> {
  readonly checks: readonly Names[];
  /** Default `/groupz/` and the group's name. */
  readonly path?: string;
  /** How much its path tells; default what the endpoints tell. */
  readonly detail?: Detail;
  /** Default those of the endpoints: 200, 200 and 503. */
  readonly statusCodes?: StatusCodes;
}

/** Options of {@link createHealth}. */
export interface HealthOptions<C extends Checks = Checks> {
  /** Who this process is, for full reports. */
  readonly service?: ServiceInfo;
  /** The checks by name. */
  readonly checks?: C;
  /** What must be done once before the process is ready. */
  readonly startup?: StartupTasks;
  /** Overrides by probe. */
  readonly probes?: { readonly [P in ProbeName]?: ProbeOptions<Extract<keyof C, string>> };
  /** Probes of the user's own, by name. */
  readonly groups?: { readonly [name: string]: GroupOptions<Extract<keyof C, string>> };
  /** Where and how fully `respond()` answers. */
  readonly endpoints?: EndpointOptions;
  /** Runs under way at once, over all checks that look beyond this process; default 16. */
  readonly concurrency?: number;
  /** Milliseconds for which readiness and serving stay degraded after startup; `Infinity`: until `warmedUp()`. Default 0. */
  readonly warmUpMs?: number;
  /** Distinct check names over the life of the process; default 1 000. Each costs metric series that are never freed. */
  readonly maxCheckNames?: number;
  /** Time and chance; default the process's own. */
  readonly clock?: Clock;
}

/** Health of one process: its checks, its life and every view of them. Two of them share nothing. */
export interface Health<C extends Checks = Checks> extends AsyncDisposable {
  /** Handles of the checks that it was made with. */
  readonly checks: HandlesOf<C>;
  /** For `NodeSDK({ instrumentations: [...] })`. Without it the globally registered providers are used. */
  readonly instrumentation: HealthInstrumentation;
  /**
   * Starts the checks and the startup tasks; resolves when the process is ready. Rejects with `startup_failed` for a
   * fatal fault and with `startup_aborted` when the process is drained first, save by `drainOnSignals`, which ends it.
   * Calling it again gives the same promise.
   */
  start(): Promise<void>;
  /** Ends a warm-up of any length. */
  warmedUp(): void;
  /** Readiness becomes degraded while a replacement warms up. Does nothing unless ready. */
  retire(): void;
  /** Readiness fails at once, liveness goes on; resolves after the delay and the flush. Aborts a start under way. */
  drain(options?: DrainOptions): Promise<void>;
  /** Latches: liveness, readiness and serving fail from now on, whatever else is well. For faults a restart mends. */
  fatal(reason: string): void;
  /** Ends everything: runs are aborted, open incidents are closed as spans. Resolves within a second. */
  stop(): Promise<void>;
  /** All states now. Immutable. */
  snapshot(): HealthSnapshot<Extract<keyof C, string>>;
  /** The report of a probe or a group of now; default detail `full`. */
  report(probe: AnyProbe, options?: { readonly detail?: Detail }): Report;
  /**
   * The verdict of a probe or a group now; with `checks`, what it would be with these of its checks and no others. Costs
   * the same with any number of checks, save where `checks` are given. Throws `HealthError` for a check that it has not.
   */
  verdict(probe: AnyProbe, options?: { readonly checks?: readonly string[] }): VerdictStatus;
  /**
   * Calls `listener` with each change of a check or a probe; returns a function that ends it. What waits for the cause
   * to be known is told when it is.
   */
  on(event: "transition", listener: TransitionListener): () => void;
  /**
   * Calls `listener`, at once and without waiting for causes, whenever a verdict, a check's state, a gate or the
   * lifecycle may have changed: for views of health that are kept current. A run that changes nothing is no change.
   */
  on(event: "change", listener: () => void): () => void;
  /** Adds a check at any time. Throws `HealthError`. */
  register<K extends Check>(name: string, check: K): HandleOf<K>;
  /** Removes a check; resolves to whether there was one, when its run has ended, within a second. */
  unregister(name: string): Promise<boolean>;
  /**
   * Calls `work` at once and supervises it: running past its deadline or failing is seen in the check `name`, which all
   * tasks of that name share and the first one adds. Gives what `work` returns, or rejects as it does; the promise may
   * be ignored. Throws `HealthError`, also where the name belongs to another check.
   */
  task<R>(name: string, options: TaskOptions, work: TaskWork<R>): Promise<R>;
  /**
   * Runs every check whose result is older than `maxAgeMs` (default 0) once, and resolves with the outcome in place:
   * for processes whose timers are frozen between requests. A run under way is joined; where a suspension made it outlast
   * its deadline, its pass is not taken for news and another run follows.
   */
  refresh(options?: { readonly maxAgeMs?: number }): Promise<HealthSnapshot<Extract<keyof C, string>>>;
  /** Answers a probe request, synchronously and from what is rendered; undefined where the request is for something else. */
  respond(request: HealthRequest): HealthResponse | undefined;
  /** Further endpoints with options of their own, for another port or path. */
  endpoints(options: EndpointOptions): Endpoints;
  /**
   * Counts an answer that was not given by `respond()` in `health.probe.requests`: `status` is an HTTP status code, or
   * the name of an RPC's, such as `OK`; `times` is how many of them there were, default 1.
   */
  countAnswer(probe: AnyProbe, status: number | string, times?: number): void;
  /** Telemetry of a package beside this one, in a scope of its own and through the same providers. Throws `HealthError`. */
  telemetry(scope: { readonly name: string; readonly version?: string }): ScopedTelemetry;
  /** Whether a request is for one of this object's endpoints: for the HTTP instrumentation's `ignoreIncomingRequestHook`. */
  isHealthRequest(request: HealthRequest): boolean;
}
