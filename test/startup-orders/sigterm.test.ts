import { freePort, until } from "@otel-health/testkit";
import { type OtlpReceiver, startOtlpReceiver } from "@otel-health/testkit/otlp";
import { beforeAll, describe, expect, it } from "vitest";
import { applicationOf, configuration, sdkLines, start } from "./sdk-line.ts";

const register = "@opentelemetry/auto-instrumentations-node/register";

/** Whether the event of the drain has arrived. */
function isDrained({ logs }: OtlpReceiver): boolean {
  return logs.some(
    ({ eventName, attributes }) =>
      eventName === "health.probe.transition" &&
      attributes["health.probe.type"] === "readiness" &&
      attributes["health.state"] === "unhealthy" &&
      attributes["health.lifecycle"] === "draining",
  );
}

describe.concurrent.each(sdkLines)("SIGTERM during an outage, with an SDK of the %s.x line", (line) => {
  let folder = "";
  beforeAll(async () => {
    folder = await applicationOf(line);
  }, 240_000);

  /** Ends a fixture by SIGTERM, and gives what arrived of it: what `atOnce` waits for before anything is closed. */
  async function end(args: readonly string[], atOnce: (receiver: OtlpReceiver) => Promise<unknown>) {
    await using receiver = await startOtlpReceiver();
    await using child = start(folder, args, configuration(receiver.url, await freePort()));
    const incident = (await child.waitForLine(/^incident /)).split(" ")[1];
    process.kill(child.pid ?? 0, "SIGTERM");
    await atOnce(receiver);
    child.endInput();
    expect(await child.exited, child.output).toEqual({ code: 0, signal: null });
    expect(receiver.refused).toEqual([]);
    const of = { attributes: expect.objectContaining({ "health.incident.id": incident }) };
    return { receiver, spans: receiver.spans, of };
  }

  it("exports the drain although the SDK has a listener that came first, but not the end of the outage", async () => {
    const { spans, of } = await end(["--import", register, "sigterm.ts"], (receiver) =>
      until(() => isDrained(receiver) && receiver.spans.some(({ name }) => name === "health.transition db"), {
        describe: "the event of the drain, and spans",
      }),
    );
    expect(spans).toContainEqual(expect.objectContaining({ name: "health.transition db", ...of }));
    expect(spans).not.toContainEqual(expect.objectContaining({ name: "health.outage db" }));
  });

  it("exports all of it where `flush` shuts the SDK down", async () => {
    const { receiver, spans, of } = await end(["sigterm-with-flush.ts"], async () => {});
    expect(isDrained(receiver)).toBe(true);
    expect(spans).toContainEqual(expect.objectContaining({ name: "health.transition db", ...of }));
    expect(spans).toContainEqual(expect.objectContaining({ name: "health.outage db", ...of }));
  });
});
