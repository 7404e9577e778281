import { systemClock } from "@otel-health/core/worker";
import type { CapturedStack } from "../block/captured-stack.ts";
import { captureStack } from "../capture/capture-stack.ts";
import { culpritOf, formatStack } from "../capture/frame.ts";
import { mapFrames } from "../capture/source-maps.ts";
import { MainThreadTimes } from "../capture/thread-time.ts";
import type { Insight } from "./serve-probes.ts";

/** Far longer than a capture lasts. */
const longMs = 3_600_000;

/** What another thread of the process finds out about its main thread. */
export function mainThreadInsight(): Insight {
  const times = new MainThreadTimes();
  return {
    readTimes() {
      const { onCpuMs, queuedMs } = times.read();
      return onCpuMs === undefined || queuedMs === undefined ? undefined : { ranMs: onCpuMs, starvedMs: queuedMs };
    },
    async capture(wasBlockedAt): Promise<CapturedStack | undefined> {
      const { answer, closed } = captureStack({ wasBlockedAt });
      // A session keeps no thread alive, and must not be left in the middle.
      const hold = systemClock.setTimer(() => {}, longMs, true);
      void closed.then(() => systemClock.clearTimer(hold));
      const seen = await answer;
      if ("missed" in seen) return undefined;
      const frames = await mapFrames(seen.frames);
      const { culprit } = culpritOf(frames);
      return {
        stacktrace: formatStack(frames),
        functionName: culprit?.functionName,
        filePath: culprit?.file,
        lineNumber: culprit?.line,
        late: seen.late,
      };
    },
  };
}
