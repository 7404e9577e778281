import { type FunctionCheck, fail, type Outcome, type Part, pass, type RunContext, warn } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import fc from "fast-check";

/** A run of a check by itself, on a clock that stands still until it is moved. */
export function begin(check: FunctionCheck, clock = new FakeClock(), timeoutMs = 1_000) {
  const controller = new AbortController();
  const listeners = countListeners(controller.signal);
  const context: RunContext = { signal: controller.signal, clock, timeoutMs };
  let settled: Outcome | undefined;
  const done = (async () => {
    const outcome = await check.run(context);
    settled = outcome ?? pass();
  })();
  return {
    clock,
    controller,
    listeners,
    done,
    get outcome() {
      return settled;
    },
  };
}

/** The outcome of a run, however long it takes of its time. */
export async function outcomeOf(check: FunctionCheck, timeoutMs = 1_000): Promise<Outcome> {
  const run = begin(check, new FakeClock(), timeoutMs);
  await run.clock.advance(timeoutMs);
  if (run.outcome === undefined) throw new Error("it has not settled within its time");
  if (run.clock.armed > 0) throw new Error("it has left a timer behind");
  if (run.listeners() > 0) throw new Error("it has left a listener behind");
  return run.outcome;
}

function countListeners(signal: AbortSignal): () => number {
  let count = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    count++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    count--;
    removeEventListener.apply(signal, args);
  };
  return () => count;
}

/** A part that answers so, after so long. */
export function answering(outcome: Outcome | Error | "hang", afterMs = 0): (context: RunContext) => Promise<Outcome> {
  return async ({ clock }) => {
    if (outcome === "hang") return new Promise(() => {});
    if (afterMs > 0) await new Promise<void>((done) => clock.setTimer(done, afterMs, false));
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
}

export const outcomes = {
  pass: pass(),
  warn: warn("slow"),
  fail: fail("down"),
} as const;

/** A part whose status is known. */
export const anyStatus = fc.constantFrom("pass", "warn", "fail");

interface Hostile {
  readonly run: Part;
  readonly status: "pass" | "warn" | "fail";
}

/** Whatever a part may do within a few milliseconds, and what it must count as. */
export const anySettling: fc.Arbitrary<Hostile> = fc.constantFrom<Hostile>(
  { run: () => {}, status: "pass" as const },
  { run: answering(pass("well"), 5), status: "pass" as const },
  { run: () => warn("slow"), status: "warn" as const },
  { run: answering(fail("down", { fault: "fatal", errorType: "28P01" }), 3), status: "fail" as const },
  {
    run: () => {
      throw new Error("sync");
    },
    status: "fail" as const,
  },
  { run: () => Promise.reject(undefined), status: "fail" as const },
  { run: (() => 5n) as unknown as Part, status: "fail" as const },
  { run: (() => ({ status: "great" })) as unknown as Part, status: "fail" as const },
  {
    run: (() => ({
      get status(): never {
        throw new Error("getter");
      },
    })) as unknown as Part,
    status: "fail" as const,
  },
);

/** The same, and what never settles. */
export const anyHostile: fc.Arbitrary<Hostile> = fc.oneof(
  { weight: 9, arbitrary: anySettling },
  { weight: 1, arbitrary: fc.constant<Hostile>({ run: answering("hang"), status: "fail" }) },
);
