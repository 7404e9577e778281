import type { Check } from "../check/check.ts";
import { checkName } from "../check/check-name.ts";
import type { CheckHandle, HandleByKind } from "../check/handle.ts";
import { type AdjustProbes, type ResolvedCheck, resolveCheck } from "../check/resolve-check.ts";
import { fail, pass, warn } from "../observation/outcome.ts";
import { Beats } from "../schedule/beats.ts";
import type { Driver, DriverHost } from "../schedule/driver.ts";
import { Runner } from "../schedule/runner.ts";
import { Told } from "../schedule/told.ts";
import type { CheckRecord } from "./check-record.ts";
import type { Monitor } from "./monitor.ts";
import { RecordHandle } from "./record-handle.ts";

/** Any handle: which one depends on the check's kind. */
export type AnyHandle = HandleByKind[keyof HandleByKind];

/** A registered check and its handle. */
export interface Registration {
  readonly record: CheckRecord;
  readonly handle: AnyHandle;
}

/** Validates a check, adds it to the monitor and makes its handle. Throws `HealthError`. */
export function register(
  monitor: Monitor,
  name: string,
  check: Check,
  adjust: AdjustProbes,
  isCheck: (name: string) => boolean,
  unregister: (record: CheckRecord) => Promise<void>,
): Registration {
  const resolved = resolveCheck(`check "${checkName(name, "check")}"`, check, adjust);
  switch (resolved.kind) {
    case "heartbeat": {
      const { record, driver } = add(
        monitor,
        name,
        resolved,
        isCheck,
        (host) => new Beats(resolved.maxAgeMs, monitor.errorTypes, host),
      );
      const own = { beat: () => driver.beat() };
      return { record, handle: extend(new RecordHandle(record, unregister), own, { beats: () => driver.beats }) };
    }
    case "push": {
      const { record, driver } = add(
        monitor,
        name,
        resolved,
        isCheck,
        (host) => new Told(resolved.maxAgeMs, monitor.errorTypes, host),
      );
      const own = {
        pass: (message?: string) => driver.tell(pass(message)),
        warn: (message: string, details = {}) => driver.tell(warn(message, details)),
        fail: (message: string, details = {}) => driver.tell(fail(message, details)),
      };
      return { record, handle: extend(new RecordHandle(record, unregister), own, {}) };
    }
    case "gate": {
      const { record, driver } = add(
        monitor,
        name,
        resolved,
        isCheck,
        (host) => new Told(Number.POSITIVE_INFINITY, monitor.errorTypes, host),
      );
      const open = () => driver.tell(pass());
      const close = (reason = "closed") => driver.tell(fail(reason, { errorType: "gate_closed" }));
      if (resolved.open) open();
      else close();
      const own = { open, close };
      return {
        record,
        handle: extend(new RecordHandle(record, unregister), own, { isOpen: () => record.state.status === "healthy" }),
      };
    }
    case "function":
    case "threshold": {
      const { schedule } = resolved;
      if (schedule === undefined) throw new TypeError("a check that is run has a schedule");
      const { record } = add(monitor, name, resolved, isCheck, (host) => new Runner(schedule, resolved, monitor, host));
      return { record, handle: new RecordHandle(record, unregister) };
    }
  }
}

function add<D extends Driver>(
  monitor: Monitor,
  name: string,
  check: ResolvedCheck,
  isCheck: (name: string) => boolean,
  make: (host: DriverHost) => D,
): { record: CheckRecord; driver: D } {
  let driver: D | undefined;
  const record = monitor.add(name, check, isCheck, (host) => {
    driver = make(host);
    return driver;
  });
  return { record, driver: driver as D };
}

/** Adds methods and read-only properties to a handle. */
function extend<M extends object, G extends { readonly [key: string]: () => unknown }>(
  handle: CheckHandle,
  methods: M,
  getters: G,
): CheckHandle & M & { readonly [K in keyof G]: ReturnType<G[K]> } {
  const extended = Object.defineProperties(handle, Object.getOwnPropertyDescriptors(methods));
  for (const [key, get] of Object.entries(getters)) Object.defineProperty(extended, key, { get, enumerable: true });
  return extended as CheckHandle & M & { readonly [K in keyof G]: ReturnType<G[K]> };
}
