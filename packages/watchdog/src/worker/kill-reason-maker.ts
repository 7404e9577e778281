import type { Clock, LoopBlock } from "@otel-health/core/worker";
import type { CapturedStack } from "../block/captured-stack.ts";
import type { KillReason } from "../last-words/kill-reason.ts";

/** Says why liveness fails, if it does: what was published of it, else the loop. The same object while that is no news. */
export type KillReasonMaker = (
  failure: string | undefined,
  block: LoopBlock | undefined,
  stack: CapturedStack | undefined,
) => KillReason | undefined;

/** Makes one, with a time of its own for each time that liveness fails. */
export function killReasonMaker(clock: Pick<Clock, "wallTime">): KillReasonMaker {
  let last: KillReason | undefined;
  return (failure, block, stack) => {
    const dead = failure === undefined && block?.stage === "dead" ? block : undefined;
    const why =
      dead === undefined ? failure : `the event loop has not turned since ${new Date(dead.since).toISOString()}`;
    if (why === undefined) {
      last = undefined;
      return undefined;
    }
    const message = `liveness fails: ${why}`;
    const found = dead === undefined ? undefined : stack;
    if (last?.message !== message || last.stack !== found) {
      last = { at: last?.at ?? clock.wallTime(), message, stack: found };
    }
    return last;
  };
}
