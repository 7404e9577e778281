import { readFileSync } from "node:fs";
import { kubeProbe } from "@otel-health/testkit";
import { arrival } from "../arrival.ts";
import { eventually, expectSame, expectThat } from "../expectations.ts";
import { excerpt, has, metricLines, probe } from "../observe.ts";
import type { Chapter } from "../scene.ts";
import { deadAfterMs } from "../stage.ts";

/** Longer than a loop may stand still before its liveness fails. */
const blockSeconds = deadAfterMs / 1_000 + 3;

const culprit = { "code.function.name": "forecastDemand" };

export const blocked: Chapter = {
  title: "A new copy, whose event loop blocks: one request forecasts demand, on the loop",

  async tell({ stage, claim }) {
    const { urls, collector } = stage;
    await stage.startService();
    const ask = (path: string) => probe(urls.probes + path);
    await eventually(
      "the copy is ready",
      () => ask("/readyz"),
      ({ status }) => status === 200,
    );
    const forecast = fetch(`${urls.service}/forecast?seconds=${blockSeconds}`);

    await claim("its own port is silent; the watchdog's answers: not ready, but alive", async (show) => {
      const ready = await eventually(
        "readiness fails",
        () => ask("/readyz"),
        ({ status }) => status === 503,
      );
      const alive = await ask("/livez");
      const own = await kubeProbe(`${urls.service}/livez`);
      show("GET /livez", `${own.error}  (from the service itself)`);
      show("GET /readyz", `${ready.status} ${ready.report.message}`);
      show("GET /livez", `${alive.status} ${alive.report.status}: ${alive.report.message}`);
      expectSame("what the service itself answers", own.status, undefined);
      expectSame("liveness", alive.status, 200);
      expectThat("it says since when", alive.report.blockedSince !== undefined, alive.report);
    });

    await claim(`after ${deadAfterMs / 1_000} s (by default 30) liveness turns 503 as well`, async (show) => {
      const { status, report } = await eventually(
        "liveness fails",
        () => ask("/livez"),
        (answer) => answer.status === 503,
        // On a machine that is short of CPU it takes longer: a loop that is kept waiting is not dead.
        { timeoutMs: 60_000 },
      );
      show("GET /livez", `${status} ${report.status}: ${report.message}`);
    });

    await claim(
      "whoever restarts it finds the blocking function in the log and in the termination file",
      async (show) => {
        const line = await eventually(
          "stderr names it",
          () => stage.service.stderr.map((text) => JSON.parse(text)).find((fields) => has(fields, culprit)),
          (found) => found !== undefined,
        );
        show("stderr", excerpt(line, ["event", "message", ...Object.keys(culprit), "code.line.number"]));
        const [reason = "", ...stack] = readFileSync(stage.terminationLog, "utf8").split("\n");
        show("termination", reason);
        for (const call of stack.slice(0, 2)) show("", call);
        expectThat(
          "the file names it as well",
          stack.some((call) => call.includes("forecastDemand")),
          stack,
        );
      },
    );

    await claim("the forecast is done: the loop turns, and readiness is back", async (show) => {
      const response = await forecast;
      show("GET /forecast", `${response.status} ${await response.text()}`);
      const { status, report } = await eventually(
        "readiness recovers",
        () => ask("/readyz"),
        (answer) => answer.status === 200,
      );
      show("GET /readyz", `${status} ${report.message}`);
    });

    await claim("the collector has the block as an event and as a span, with the stack", async (show) => {
      const event = await arrival(
        "the event",
        () => collector.logs,
        ({ eventName, attributes }) => eventName === "health.loop.blocked" && has(attributes, culprit),
      );
      show("OTLP log", String(event.body));
      const span = await arrival(
        "the span",
        () => collector.spans,
        ({ name, attributes }) => name === "health.loop.block" && has(attributes, culprit),
      );
      const seconds = Number((span.endTimeUnixNano - span.startTimeUnixNano) / 1_000_000n) / 1_000;
      show("OTLP span", `${span.name}  ${excerpt(span.attributes, Object.keys(culprit))}  ${seconds.toFixed(1)} s`);
      const calls = String(span.attributes["code.stacktrace"]).split("\n");
      const named = calls.find((call) => call.includes("forecastDemand"));
      show("", `${named?.trim()}`);
      expectThat("the stack names it", named !== undefined, calls.slice(0, 5));
    });

    await claim("the metrics page counts it", async (show) => {
      const [line = ""] = await eventually(
        "the histogram has it",
        () => metricLines(stage, "health_loop_block_duration_count"),
        ({ length }) => length > 0,
      );
      show("GET /metrics", line);
      expectThat("one block", line.endsWith(" 1"), line);
    });

    await stage.service.stop({ timeoutMs: 15_000 });
  },
};
