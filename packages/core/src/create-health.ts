import type { Check } from "./check/check.ts";
import { checkName } from "./check/check-name.ts";
import type { Checks, HandleOf, HandlesOf } from "./check/handle.ts";
import type { Health, HealthOptions } from "./health.ts";
import { HealthError } from "./health-error.ts";
import { LifecycleControl } from "./lifecycle/lifecycle-control.ts";
import type { ChangeListener } from "./monitor/changes.ts";
import type { CheckRecord } from "./monitor/check-record.ts";
import { Monitor } from "./monitor/monitor.ts";
import { type AnyHandle, register } from "./monitor/register.ts";
import { OptionReader } from "./option-reader.ts";
import { count } from "./report/answers.ts";
import { createEndpoints, type EndpointOptions, type EndpointParts, type Endpoints } from "./report/endpoints.ts";
import { createReport, details } from "./report/report.ts";
import { viewOf } from "./report/view.ts";
import { resolveHealth } from "./resolve-health.ts";
import { probesOf } from "./resolve-probes.ts";
import { resolveTaskOptions } from "./task/resolve-task.ts";
import { runTask } from "./task/run-task.ts";
import { createInstrumentation } from "./telemetry/instrumentation.ts";
import { scopedTelemetry } from "./telemetry/scoped-telemetry.ts";
import type { TransitionListener } from "./telemetry/telemetry.ts";
import type { AnyProbe, ProbeName } from "./verdict/probe.ts";

/** The names of RPC status codes are few; anything else would be one more series for good. */
function isRpcCode(status: unknown): boolean {
  return typeof status === "string" && /^[A-Z][A-Z_]{1,31}$/.test(status);
}

/** A function of its own, so that no closure of the health object keeps the checks as they were given. */
function isOneOf(checks: Checks): (name: string) => boolean {
  return (name) => Object.hasOwn(checks, name);
}

/** Makes the health of one process. Throws `HealthError` for any option that cannot be meant. Nothing runs before `start()`. */
export function createHealth<const C extends Checks>(options: HealthOptions<C> = {}): Health<C> {
  // The checks as they were given are not kept: each has been read once.
  const { checks, endpoints: ownEndpoints, ...resolved } = resolveHealth(options);
  const monitor = new Monitor(resolved);
  const life = new LifecycleControl(resolved, monitor);
  const endpoints = new Set<Endpoints>();
  const endpointParts: EndpointParts = {
    clock: monitor.clock,
    groups: resolved.groups,
    counts: monitor.requests,
    rendering: (asked) => monitor.renderings.of(asked),
    variant: (asked) => monitor.renderings.variants.of(asked),
    write: (asked) => monitor.renderings.write(asked),
    verdict: (probe) => monitor.verdict(probe),
  };
  const addEndpoints = (given: EndpointOptions) => createEndpoints(given, endpointParts, endpoints);
  const readProbe = (where: string, probe: AnyProbe) => {
    const names = resolved.probes.map(({ name }) => name);
    new OptionReader(where, { probe }).oneOf("probe", names);
  };
  const unregister = async (record: CheckRecord) => {
    if (monitor.records.get(record.name) === record) await life.unregister(record);
  };
  const adjustFor = (name: string) => (own: readonly ProbeName[]) => probesOf(name, own, resolved.probes);
  const refuseStartupTask = (name: string, what: string) => {
    if (resolved.startup.some((task) => task.name === name)) {
      throw new HealthError(
        "duplicate_name",
        `there is a startup task "${name}" already; choose another name for the ${what}`,
      );
    }
  };
  const add = (name: string, check: Check, isCheck: (name: string) => boolean): AnyHandle => {
    life.refuseIfStopped(`register the check "${checkName(name, "check")}"`);
    refuseStartupTask(name, "check");
    const { record, handle } = register(monitor, name, check, adjustFor(name), isCheck, unregister);
    life.added(record);
    return handle;
  };

  const handles: Record<string, AnyHandle> = Object.create(null);
  for (const [name, check] of Object.entries(checks)) {
    // What it depends on may stand below it.
    handles[name] = add(name, check, isOneOf(checks));
  }
  const own = addEndpoints(ownEndpoints);

  return {
    checks: Object.freeze(handles) as HandlesOf<C>,
    instrumentation: createInstrumentation(monitor.telemetry),
    start: () => life.start(),
    warmedUp: () => life.warmedUp(),
    retire: () => life.retire(),
    drain: (drain = {}) => life.drain(drain),
    fatal: (reason) => life.fatal(reason),
    stop: () => life.stop(),
    snapshot: () => monitor.snapshot() as ReturnType<Health<C>["snapshot"]>,
    verdict(probe, given = {}) {
      readProbe("verdict()", probe);
      const reader = new OptionReader("verdict()", given);
      const names = reader.array("checks") === undefined ? undefined : reader.names("checks");
      reader.done();
      return monitor.verdict(probe, names);
    },
    report(probe, given = {}) {
      readProbe("report()", probe);
      const reader = new OptionReader("report()", given);
      const detail = reader.oneOf("detail", details, "full");
      reader.done();
      const snapshot = monitor.snapshot();
      return createReport(snapshot, viewOf(snapshot, probe), detail);
    },
    on(event: "transition" | "change", listener: TransitionListener & ChangeListener) {
      const reader = new OptionReader("on()", { event, listener });
      reader.oneOf("event", ["transition", "change"]);
      if (reader.function("listener") === undefined) reader.fail("listener", "a function", listener);
      return event === "change" ? monitor.changes.listen(listener) : monitor.telemetry.listen(listener);
    },
    register: <K extends Check>(name: string, check: K) =>
      add(name, check, (other) => monitor.records.has(other)) as HandleOf<K>,
    async unregister(name) {
      const record = monitor.records.get(name);
      if (record === undefined) return false;
      await life.unregister(record);
      return true;
    },
    task(name, given, work) {
      life.refuseIfStopped(`run the task "${checkName(name, "task")}"`);
      refuseStartupTask(name, "task");
      const options = resolveTaskOptions(name, given, adjustFor(name));
      const where = `task "${name}"`;
      const reader = new OptionReader(where, { work });
      if (reader.function("work") === undefined) reader.fail("work", "a function", work);
      return runTask(monitor, name, options, work);
    },
    async refresh(given = {}) {
      const reader = new OptionReader("refresh()", given);
      const maxAgeMs = reader.ms("maxAgeMs", 0);
      reader.done();
      await life.refresh(maxAgeMs);
      return monitor.snapshot() as ReturnType<Health<C>["snapshot"]>;
    },
    respond: (request) => own.respond(request),
    endpoints: addEndpoints,
    countAnswer(probe, status, times = 1) {
      const counts = monitor.requests[probe];
      if (times !== 1) new OptionReader("countAnswer()", { times }).number("times", { min: 0, integer: true });
      // All but the first of its kind: nothing to validate.
      if (counts !== undefined && Object.hasOwn(counts, status)) return count(counts, status, times);
      readProbe("countAnswer()", probe);
      const isCode =
        typeof status === "number" ? status >= 100 && status <= 599 && status % 1 === 0 : isRpcCode(status);
      if (!isCode)
        new OptionReader("countAnswer()", { status }).fail("status", 'a status code such as 200 or "OK"', status);
      count(monitor.requests[probe] ?? {}, status, times);
    },
    telemetry(scope) {
      const reader = new OptionReader("telemetry()", scope);
      const name =
        reader.string("name") ?? reader.fail("name", "the name of the package whose telemetry it is", undefined);
      const version = reader.string("version") ?? "";
      reader.done();
      return scopedTelemetry(monitor.telemetry, { name, version });
    },
    isHealthRequest(request) {
      for (const some of endpoints) if (some.matches(request)) return true;
      return false;
    },
    [Symbol.asyncDispose]: () => life.stop(),
  };
}
