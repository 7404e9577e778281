import { createHealth, probeNames } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

const urls = ["/readyz", "/ready", "/livez", "/healthz", "/startupz", "/servez", "/readyz?verbose", "/livez/"];

describe("a thousand probe requests at once", () => {
  it("run no check, arm no timer and change nothing", async () => {
    const clock = new FakeClock();
    let runs = 0;
    let underWay = 0;
    const health = createHealth({
      clock,
      checks: {
        hanging: {
          run: () => {
            runs++;
            underWay++;
            return new Promise<void>(() => {});
          },
          probes: [...probeNames].filter((probe) => probe !== "liveness"),
        },
      },
    });
    const storm = () => Array.from({ length: 1_000 }, (_, i) => health.respond({ method: "GET", url: urls[i % 8] }));

    const before = storm();
    await settle();
    expect({ runs, statuses: new Set(before.map((response) => response?.status)) }).toEqual({
      runs: 0,
      statuses: new Set([200, 503]),
    });

    const aborted = expect(health.start()).rejects.toMatchObject({ code: "startup_aborted" });
    await clock.advance(0);
    expect(runs).toBe(1);
    const { version } = health.snapshot();
    const armed = clock.armed;
    const during = storm();
    await settle();
    expect({ runs, underWay, version: health.snapshot().version, armed: clock.armed }).toEqual({
      runs: 1,
      underWay: 1,
      version,
      armed,
    });
    // The very same answers: nothing is made for a request.
    for (const [i, response] of during.entries()) expect(response).toBe(during[i % 8]);

    const stopped = health.stop();
    await clock.advance(1_000);
    await stopped;
    await aborted;
  });
});
