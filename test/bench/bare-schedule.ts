import { setTimeout as sleep } from "node:timers/promises";
import { attributes, metrics } from "@otel-health/core";
import { answerParent, cpuUs } from "./answer-parent.ts";
import { MeteredProvider } from "./meter-provider.ts";
import type { ScheduleAnswers, ScheduleOptions } from "./scheduled.ts";

const { checks: count, intervalMs }: ScheduleOptions = JSON.parse(process.argv[2] as string);
const { name, unit, description } = metrics.checkDuration;
const explicitBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

let runs = 0;
let running = false;
let metered: MeteredProvider | undefined;

answerParent({
  async start() {
    runs = 0;
    running = true;
    metered = new MeteredProvider();
    const histogram = metered.provider
      .getMeter("bare")
      .createHistogram(name, { unit, description, advice: { explicitBucketBoundaries } });
    const check = async () => void runs++;
    for (let i = 0; i < count; i++) {
      // No deadline, no state, not even a clock: less than this cannot be run and measured.
      const run = async () => {
        await check();
        histogram.record(0.000_1, { [attributes.checkName]: `check-${i}`, [attributes.checkResult]: "pass" });
        if (running) setTimeout(run, intervalMs);
      };
      setTimeout(run, (i * intervalMs) / count);
    }
  },
  async stop() {
    running = false;
    // What is armed fires once more, and must not go on when all is started again.
    await sleep(2 * intervalMs);
    return (await metered?.recorded(name)) ?? 0;
  },
  runs: () => runs,
  cpuUs,
} satisfies ScheduleAnswers);
