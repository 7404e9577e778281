import type { NamedStack, NameStack } from "../block/named-stack.ts";
import { type CapturedStack, captureStack, type StackCapture } from "../capture/capture-stack.ts";
import { culpritOf, formatStack } from "../capture/frame.ts";
import { mapFrames } from "../capture/source-maps.ts";

/** A block that lasts longer than this many milliseconds keeps its stack to itself. */
const withinMs = 3_600_000;

/** Captures stacks of the main thread, one after the other, and names who is on them. */
export class MainThreadStack {
  #capture: StackCapture | undefined;

  readonly name: NameStack = async (wasBlockedAt) => {
    const capture = captureStack({ wasBlockedAt, withinMs });
    this.#capture = capture;
    const answer = await capture.answer;
    return "missed" in answer ? undefined : await named(answer);
  };

  /** Waits for no answer any longer; resolves when the thread may end. */
  async close(): Promise<void> {
    this.#capture?.cancel();
    await this.#capture?.closed;
  }
}

async function named({ frames, late }: CapturedStack): Promise<NamedStack> {
  const mapped = await mapFrames(frames);
  const { culprit } = culpritOf(mapped);
  return {
    stacktrace: formatStack(mapped),
    functionName: culprit?.functionName,
    filePath: culprit?.file,
    lineNumber: culprit?.line,
    late,
  };
}
