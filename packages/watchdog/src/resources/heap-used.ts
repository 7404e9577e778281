import { totalmem } from "node:os";
import { getHeapSpaceStatistics, getHeapStatistics } from "node:v8";
import { isMainThread, resourceLimits } from "node:worker_threads";
import type { FunctionCheck } from "@otel-health/core";
import { judge, readBounds } from "./bounds.ts";
import { memoryOfFlags, oldGenerationLimit, oldGenerationUsed, startFlags } from "./old-generation.ts";
import { bytes, percent } from "./quantities.ts";
import { demandOptions, resourceCheck } from "./resource-check.ts";
import { type ShareOptions, shareOptions } from "./share-options.ts";

const hint =
  "the heap holds more than it should: a leak, or a limit that is too low; compare two heap snapshots, or raise --max-old-space-size";

/**
 * The heap of this thread against the limit at which V8 ends the process, both of the old generation; degraded above
 * `warnAbove` (default 0.8), failing above `failAbove` (default 0.95). Critical: near the limit V8 does little but collect
 * garbage, and at it all requests in flight are lost. Out of the balancer an instance that was given too much recovers.
 */
export function heapUsed(options: ShareOptions = {}): FunctionCheck {
  const where = "heapUsed()";
  const { warnAbove = 0.8, failAbove = 0.95 } = demandOptions(where, options);
  const bounds = readBounds(where, "", { warnAbove, failAbove, show: percent });
  // Once: Node did when it started, and a limit that is changed since has not changed the heap's.
  const memoryBytes = memoryOfFlags(totalmem(), process.constrainedMemory());
  return resourceCheck(where, options, shareOptions, {
    critical: true,
    hint,
    run() {
      const limit = oldGenerationLimit({
        heapLimitBytes: getHeapStatistics().heap_size_limit,
        flags: startFlags(process.env["NODE_OPTIONS"], process.execArgv),
        memoryBytes,
        worker: isMainThread ? undefined : resourceLimits,
      });
      const used = oldGenerationUsed(getHeapSpaceStatistics());
      const share = used / limit;
      return judge(share, bounds, `the heap is at ${percent(share)} of its limit, ${bytes(used)} of ${bytes(limit)}`);
    },
  });
}
