import type { Clock, LoopBlock } from "@otel-health/core/worker";
import type { KillReason } from "../last-words/kill-reason.ts";
import type { LoopWatch } from "./loop-watch.ts";

/** Says why liveness fails, if it does: what was published of it, else the loop. The same object while that is no news. */
export type KillReasonMaker = (
  failure: string | undefined,
  block: LoopBlock | undefined,
  watch: Pick<LoopWatch, "stack" | "cause">,
) => KillReason | undefined;

/** Makes one, with a time of its own for each time that liveness fails. */
export function killReasonMaker(clock: Pick<Clock, "wallTime">): KillReasonMaker {
  let last: KillReason | undefined;
  return (failure, block, watch) => {
    const dead = failure === undefined && block?.stage === "dead" ? block : undefined;
    const why = dead === undefined ? failure : sinceWhen(dead);
    if (why === undefined) {
      last = undefined;
      return undefined;
    }
    const message = `liveness fails: ${why}`;
    const stack = dead === undefined ? undefined : watch.stack;
    if (last?.message !== message || last.stack !== stack) {
      const cause = dead === undefined ? undefined : watch.cause.cause;
      last = { at: last?.at ?? clock.wallTime(), message, cause, stack };
    }
    return last;
  };
}

function sinceWhen({ since }: LoopBlock): string {
  return `the event loop has not turned since ${new Date(since).toISOString()}`;
}
