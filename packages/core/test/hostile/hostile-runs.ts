import type { RunContext } from "@otel-health/core";
import { thenable } from "./thenable.ts";

/** A check function that misbehaves in what it does, and what is said of it; undefined where it passes all the same. */
export interface HostileRun {
  readonly what: string;
  readonly run: (context: RunContext) => unknown;
  readonly message: string | undefined;
  readonly errorType?: string;
}

const never = new Promise(() => {});

/** `timeoutMs` of whoever runs these. */
export const timeoutMs = 50;
const timedOut = { message: `no answer within ${timeoutMs} ms`, errorType: "timeout" };

function onAbort(signal: AbortSignal, then: () => void): void {
  signal.addEventListener("abort", then, { once: true });
}

/** Takes everything of the context that it can. */
function vandalize(context: object): void {
  for (const key of [
    ...Object.getOwnPropertyNames(context),
    ...Object.getOwnPropertyNames(Object.getPrototypeOf(context)),
  ]) {
    Reflect.set(context, key, undefined);
    Reflect.defineProperty(context, key, { value: undefined, configurable: true });
    Reflect.deleteProperty(context, key);
  }
}

export const hostileRuns: readonly HostileRun[] = [
  { what: "never settles", run: () => never, ...timedOut },
  { what: "returns a thenable that never calls back", run: () => thenable(() => {}), ...timedOut },
  {
    what: "rejects after the timeout",
    run: ({ signal }) =>
      new Promise((_, reject) => onAbort(signal, () => setImmediate(() => reject(new Error("late"))))),
    ...timedOut,
  },
  {
    what: "rejects with nothing as soon as it is aborted",
    run: ({ signal }) => new Promise((_, reject) => onAbort(signal, () => reject())),
    ...timedOut,
  },
  {
    what: "passes after the timeout",
    run: ({ signal }) => new Promise<void>((resolve) => onAbort(signal, () => setImmediate(resolve))),
    ...timedOut,
  },
  {
    what: "replaces its signal and never settles",
    run: (context) => {
      Object.defineProperty(context, "signal", { value: AbortSignal.abort() });
      return never;
    },
    ...timedOut,
  },
  {
    what: "tells its signal's listeners of an abort that was none, and never settles",
    run: ({ signal }) => {
      onAbort(signal, () => {});
      signal.dispatchEvent(new Event("abort"));
      return never;
    },
    ...timedOut,
  },
  {
    what: "freezes its context and never settles",
    run: (context) => {
      Object.freeze(context);
      return never;
    },
    ...timedOut,
  },
  {
    what: "freezes its signal and never settles",
    run: ({ signal }) => {
      Object.freeze(signal);
      return never;
    },
    ...timedOut,
  },
  {
    what: "empties its context and never settles",
    run: (context) => {
      vandalize(context);
      return never;
    },
    ...timedOut,
  },
  { what: "empties its context and passes", run: vandalize, message: undefined },
  { what: "freezes its context and passes", run: (context) => void Object.freeze(context), message: undefined },
  {
    what: "throws what its signal throws",
    run: async ({ signal }) => {
      await new Promise<void>((resolve) => onAbort(signal, resolve));
      signal.throwIfAborted();
    },
    ...timedOut,
  },
  {
    what: "resolves and then throws in its thenable",
    run: () =>
      thenable((resolve) => {
        resolve();
        throw new Error("too late");
      }),
    message: undefined,
  },
  {
    what: "calls back twice and passes first",
    run: () =>
      thenable((resolve, reject) => {
        resolve();
        reject(new Error("too late"));
        resolve();
      }),
    message: undefined,
  },
  {
    what: "passes by a promise of its own kind",
    run: () => new (class Promised extends Promise<void> {})((resolve) => resolve()),
    message: undefined,
  },
];
