import { answerParent, cpuUs } from "./answer-parent.ts";
import { MeteredProvider } from "./meter-provider.ts";
import { importPublished } from "./published.ts";
import type { ScheduleAnswers, ScheduleOptions } from "./scheduled.ts";

const { folder, checks: count, intervalMs }: ScheduleOptions = JSON.parse(process.argv[2] as string);
const { createHealth, metrics } = (await importPublished(
  folder,
  "@otel-health/core",
)) as typeof import("@otel-health/core");

let runs = 0;
const checks = Object.fromEntries(
  Array.from({ length: count }, (_, i) => [
    `check-${i}`,
    { run: async () => void runs++, intervalMs, jitter: 0, initialDelayMs: (i * intervalMs) / count },
  ]),
);
let health: import("@otel-health/core").Health | undefined;
let metered: MeteredProvider | undefined;

answerParent({
  async start() {
    runs = 0;
    metered = new MeteredProvider();
    health = createHealth({ checks, maxCheckNames: count });
    health.instrumentation.setMeterProvider(metered.provider);
    await health.start();
  },
  async stop() {
    await health?.stop();
    return (await metered?.recorded(metrics.checkDuration.name)) ?? 0;
  },
  runs: () => runs,
  cpuUs,
} satisfies ScheduleAnswers);
