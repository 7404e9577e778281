import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { createHealth, gate, heartbeat } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { Scripted } from "./story.ts";
import { TestSdk } from "./test-sdk.ts";

/** Draws the same lot each time, so that every number of the page can be worked out by hand. */
class FixedClock extends FakeClock {
  override random(): number {
    return 0;
  }
}

describe("the Prometheus page", () => {
  it("of a small story is this one, to the letter", async () => {
    const clock = new FixedClock();
    const postgres = new Scripted();
    const cache = new Scripted();
    const health = createHealth({
      clock,
      checks: {
        // Unhealthy at the third failure in a row, as by default.
        postgres: postgres.check({ failureThreshold: 3, gracePeriodMs: 0 }),
        cache: cache.check({ critical: false }),
        outbox: heartbeat({ maxAgeMs: 30_000 }),
        maintenance: gate(),
        legacy: () => {},
      },
      startup: { migrate: () => {} },
    });
    const sdk = new TestSdk().giveTo(health);
    const started = health.start();
    health.checks.outbox.beat();
    await clock.advance(0);
    await started;
    health.respond({ method: "GET", url: "/startupz" });

    // Twelve quiet seconds; the cache begins to answer slowly.
    postgres.takesMs = 4;
    cache.takesMs = 80;
    cache.warns("slow");
    await clock.advance(12_000);
    health.checks.outbox.beat();

    // PostgreSQL is down from second 20 on and asked again after 0.5, 1, 2 and 4 s: the last time it is back.
    postgres.fails("connect ECONNREFUSED 127.0.0.1:5432");
    await clock.advance(13_000);
    health.respond({ method: "GET", url: "/readyz" });
    postgres.passes();
    await clock.advance(10_000);
    health.respond({ method: "GET", url: "/readyz" });
    health.respond({ method: "GET", url: "/livez" });
    health.respond({ method: "POST", url: "/livez" });

    // Nobody beats the outbox, someone closes the gate, and a check is no longer needed.
    health.checks.maintenance.close("upgrade of the storage");
    await health.unregister("legacy");
    await clock.advance(10_000);

    const { resourceMetrics, errors } = await sdk.reader.collect();
    expect(errors).toEqual([]);
    // The target's own line is the SDK's, not ours.
    const page = new PrometheusSerializer(undefined, false, undefined, true, false).serialize(resourceMetrics);
    const { instrumentationVersion } = health.instrumentation;
    await expect(
      page.replaceAll(`otel_scope_version="${instrumentationVersion}"`, 'otel_scope_version="…"'),
    ).toMatchFileSnapshot("../golden/metrics.txt");
    await health.stop();
  });
});
