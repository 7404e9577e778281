import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { type Health, metrics } from "@otel-health/core";
import { describe, expect, it, vi } from "vitest";
import type { ConformanceAdapter } from "./adapter.ts";
import { Stage } from "./stage.ts";

/** Collects when it is told to. */
class Reader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

/** Gives the health object a real SDK; returns what reads `health.probe.requests`, as `{ "readiness 503": 2 }`. */
function countsOf(health: Health): () => Promise<object> {
  const reader = new Reader();
  health.instrumentation.setMeterProvider(new MeterProvider({ readers: [reader] }));
  return async () => {
    const { resourceMetrics } = await reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const points = all.find(({ descriptor }) => descriptor.name === metrics.probeRequests.name)?.dataPoints ?? [];
    return Object.fromEntries(points.map(({ attributes, value }) => [Object.values(attributes).join(" "), value]));
  };
}

/** That each answer is counted, once. */
export function describeCounts(adapter: ConformanceAdapter): void {
  describe("health.probe.requests", () => {
    it("counts what was answered to probes, and nothing else", async () => {
      const { plainOnly = false } = adapter;
      await using stage = await Stage.open(adapter, plainOnly ? {} : { options: { authorize: async () => true } });
      const counts = countsOf(stage.health);
      for (const url of [
        "/readyz",
        "/ready",
        "/readyz/?a",
        "/readyz?verbose",
        "/livez",
        "/livez/outbox",
        "/livez/nothing",
      ])
        await stage.ask({ url });
      for (const method of ["HEAD", "POST", "OPTIONS"]) await stage.ask({ method, url: "/readyz" });
      for (const url of ["/", "/orders", "//readyz", "/READYZ"]) await stage.ask({ url });
      const expected = { "readiness 503": 5, "readiness 405": 2, "liveness 200": 1, "liveness 404": 2 };
      // Those of another thread come with the next beat.
      await vi.waitFor(async () => expect(await counts()).toEqual(expected));
    });
  });
}
