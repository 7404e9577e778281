import { type MetricKey, metrics } from "@otel-health/core";
import { answerParent, cpuUs } from "./answer-parent.ts";
import { keptBytes } from "./kept-bytes.ts";
import { resultAgeMs, type ScrapeAnswers, Scraped, type ScrapeOptions } from "./scraped.ts";

const { checks: count, scope }: ScrapeOptions = JSON.parse(process.argv[2] as string);
const scraped = new Scraped();
const meter = scraped.provider.getMeter(scope.name, scope.version);
const options = (key: MetricKey) => ({ unit: metrics[key].unit, description: metrics[key].description });

const states = ["healthy", "degraded", "unhealthy", "unknown"];
const verdicts = ["healthy", "degraded", "unhealthy"];
const finishedAt = performance.now();
const checks = Array.from({ length: count }, (_, i) => ({ name: `check-${i}`, state: "healthy", finishedAt }));
const probes = ["startup", "readiness", "serving", "liveness"].map((type) => ({ type, verdict: "healthy" }));
let requests: readonly { readonly type: string; readonly code: number; readonly count: number }[] = [];

/** What each check and each probe records as it goes, once. */
function record(): void {
  const duration = meter.createHistogram("health.check.duration", {
    ...options("checkDuration"),
    advice: { explicitBucketBoundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] },
  });
  const startup = meter.createHistogram("health.startup.duration", {
    ...options("startupDuration"),
    advice: { explicitBucketBoundaries: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300] },
  });
  const checkTransitions = meter.createCounter("health.check.transitions", options("checkTransitions"));
  const probeTransitions = meter.createCounter("health.probe.transitions", options("probeTransitions"));
  startup.record(0);
  for (const { name } of checks) {
    duration.record(0, { "health.check.name": name, "health.check.result": "pass" });
    for (const [state, previous, times] of [
      ["healthy", "unhealthy", 0],
      ["unhealthy", "healthy", 0],
      ["healthy", "unknown", 1],
    ] as const) {
      checkTransitions.add(times, {
        "health.check.name": name,
        "health.state": state,
        "health.previous_state": previous,
      });
    }
  }
  for (const { type } of probes) {
    for (const [state, previous, times] of [
      ["healthy", "unhealthy", type === "liveness" ? 0 : 1],
      ["unhealthy", "healthy", 0],
    ] as const) {
      probeTransitions.add(times, {
        "health.probe.type": type,
        "health.state": state,
        "health.previous_state": previous,
      });
    }
  }
}

/** What is read at each scrape, written down as one would. */
function observe(): void {
  const checkStatus = meter.createObservableUpDownCounter("health.check.status", options("checkStatus"));
  const probeStatus = meter.createObservableUpDownCounter("health.probe.status", options("probeStatus"));
  const resultAge = meter.createObservableGauge("health.check.result_age", options("checkResultAge"));
  const answered = meter.createObservableCounter("health.probe.requests", options("probeRequests"));
  meter.addBatchObservableCallback(
    (result) => {
      const now = finishedAt + resultAgeMs;
      for (const { name, state, finishedAt } of checks) {
        for (const one of states)
          result.observe(checkStatus, one === state ? 1 : 0, { "health.check.name": name, "health.state": one });
        result.observe(resultAge, (now - finishedAt) / 1_000, { "health.check.name": name });
      }
      for (const { type, verdict } of probes) {
        for (const one of verdicts)
          result.observe(probeStatus, one === verdict ? 1 : 0, { "health.probe.type": type, "health.state": one });
      }
      for (const { type, code, count } of requests)
        result.observe(answered, count, { "health.probe.type": type, "http.response.status_code": code });
    },
    [checkStatus, probeStatus, resultAge, answered],
  );
}

answerParent({
  async start() {
    record();
    observe();
  },
  probe() {
    requests = ["startup", "readiness", "liveness"].map((type) => ({ type, code: 200, count: 1 }));
  },
  page: () => scraped.page(),
  scrape: (times) => scraped.scrape(times),
  cpuUs,
  keptBytes() {
    // What it knows of its checks is not the SDK's: health may not do that for nothing either.
    checks.length = 0;
    return keptBytes();
  },
} satisfies ScrapeAnswers);
