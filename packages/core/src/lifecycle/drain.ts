import type { Clock } from "../clock.ts";
import { OptionReader } from "../option-reader.ts";
import { complain } from "../telemetry/guard.ts";

/** How a process says goodbye. */
export interface DrainOptions {
  /** Milliseconds during which requests are still served, so that balancers notice; default 5 000. */
  readonly delayMs?: number;
  /** Called after the delay, for example to flush telemetry. What it throws is reported through `diag`. */
  readonly flush?: () => void | Promise<void>;
  /** Milliseconds for delay and flush together; default `delayMs` + 10 000. */
  readonly deadlineMs?: number;
  /**
   * The caller ends the process afterwards; default false. A `start()` under way then stays pending instead of rejecting,
   * so that nothing that waits for it runs, or fails, while the process says goodbye.
   */
  readonly exiting?: boolean;
}

/** Drain options, validated and defaulted. */
export type ResolvedDrain = Required<Omit<DrainOptions, "flush">> & Pick<DrainOptions, "flush">;

/** Validates and defaults the options. Throws `HealthError`. */
export function resolveDrain(options: DrainOptions): ResolvedDrain {
  const reader = new OptionReader("drain()", options);
  const delayMs = reader.ms("delayMs", 5_000);
  const deadlineMs = reader.ms("deadlineMs", delayMs + 10_000);
  const flush = reader.function<() => void | Promise<void>>("flush");
  const exiting = reader.boolean("exiting", false);
  reader.done();
  if (deadlineMs < delayMs)
    reader.contradiction(
      `deadlineMs (${deadlineMs}) is shorter than delayMs (${delayMs}); raise it or shorten the delay`,
    );
  return { delayMs, deadlineMs, exiting, ...(flush && { flush }) };
}

/** Waits out the delay unless `cut` comes first, then flushes, within the deadline. Never rejects. */
export async function serveOut(
  clock: Clock,
  { delayMs, deadlineMs, flush }: ResolvedDrain,
  cut: Promise<void>,
): Promise<void> {
  if (delayMs > 0) await within(clock, delayMs, cut);
  if (flush === undefined) return;
  const flushed = (async () => flush())().catch((error) => complain("flushing while draining failed", error));
  await within(clock, deadlineMs - delayMs, flushed);
}

/** Resolves with `work`, or when the time is up, whichever comes first. */
export async function within(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.setTimer(resolve, limitMs, true);
  await Promise.race([work, promise]);
  clock.clearTimer(timer);
}
