import type { Clock } from "@otel-health/core";
import { answerParent, cpuUs } from "./answer-parent.ts";
import { keptBytes } from "./kept-bytes.ts";
import { importPublished } from "./published.ts";
import { resultAgeMs, type ScrapeAnswers, Scraped, type ScrapeOptions } from "./scraped.ts";

const { folder, checks: count }: ScrapeOptions = JSON.parse(process.argv[2] as string);
const { createHealth, systemClock } = (await importPublished(
  folder,
  "@otel-health/core",
)) as typeof import("@otel-health/core");

// Time stands still but for one step: every run takes none, and what a page says of time is known to the floor.
let now = 0;
const clock: Clock = { ...systemClock, now: () => now };
const scraped = new Scraped();
// One function for all: what the application's own functions and options weigh is not the library's.
const passes = () => {};
const health = createHealth({
  checks: Object.fromEntries(Array.from({ length: count }, (_, i) => [`check-${i}`, passes])),
  maxCheckNames: count,
  clock,
});
health.instrumentation.setMeterProvider(scraped.provider);

async function start(): Promise<void> {
  const ready = new Promise<void>((resolve) => {
    health.on("transition", (transition) => {
      if (transition.type === "probe" && transition.probe === "readiness" && transition.state === "healthy") resolve();
    });
  });
  await health.start();
  await ready;
  now += resultAgeMs;
}

answerParent({
  start,
  probe() {
    for (const url of ["/startupz", "/readyz", "/livez"]) health.respond({ method: "GET", url });
  },
  page: () => scraped.page(),
  scrape: (times) => scraped.scrape(times),
  cpuUs,
  keptBytes,
} satisfies ScrapeAnswers);
