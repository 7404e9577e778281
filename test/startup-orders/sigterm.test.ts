import { freePort } from "@otel-health/testkit";
import { startOtlpReceiver } from "@otel-health/testkit/otlp";
import { beforeAll, describe, expect, it } from "vitest";
import { applicationOf, configuration, sdkLines, start } from "./sdk-line.ts";

describe.concurrent.each(sdkLines)("SIGTERM during an outage, with an SDK of the %s.x line", (line) => {
  let folder = "";
  beforeAll(async () => {
    folder = await applicationOf(line);
  }, 240_000);

  /** Ends a fixture by SIGTERM, and gives what arrived of it. */
  async function end(args: readonly string[]) {
    await using receiver = await startOtlpReceiver();
    await using child = start(folder, args, configuration(receiver.url, await freePort()));
    const incident = (await child.waitForLine(/^incident /)).split(" ")[1];
    expect(await child.stop(), child.output).toEqual({ code: 0, signal: null });
    expect(receiver.refused).toEqual([]);
    const of = { attributes: expect.objectContaining({ "health.incident.id": incident }) };
    return { ...receiver, of };
  }

  const draining = expect.objectContaining({
    "health.probe.type": "readiness",
    "health.state": "unhealthy",
    "health.lifecycle": "draining",
  });

  it("exports the drain although the SDK's own listener came first, but not the end of the outage", async () => {
    const { spans, logs, of } = await end([
      "--import",
      "@opentelemetry/auto-instrumentations-node/register",
      "sigterm.ts",
    ]);
    expect(logs).toContainEqual(
      expect.objectContaining({ eventName: "health.probe.transition", attributes: draining }),
    );
    expect(spans).toContainEqual(expect.objectContaining({ name: "health.transition db", ...of }));
    expect(spans).not.toContainEqual(expect.objectContaining({ name: "health.outage db" }));
  });

  it("exports all of it where `flush` shuts the SDK down", async () => {
    const { spans, logs, of } = await end(["sigterm-with-flush.ts"]);
    expect(logs).toContainEqual(
      expect.objectContaining({ eventName: "health.probe.transition", attributes: draining }),
    );
    expect(spans).toContainEqual(expect.objectContaining({ name: "health.transition db", ...of }));
    expect(spans).toContainEqual(expect.objectContaining({ name: "health.outage db", ...of }));
  });
});
