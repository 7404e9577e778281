import { arrival } from "../arrival.ts";
import { eventually, expectSame, expectThat } from "../expectations.ts";
import { excerpt, fullReport, has, logLines, metricLines, probe } from "../observe.ts";
import type { Chapter } from "../scene.ts";
import { intervalMs } from "../stage.ts";

const seconds = (nanoseconds: bigint) => `${(Number(nanoseconds / 1_000_000n) / 1_000).toFixed(1)} s`;

export const outage: Chapter = {
  title: "An outage: the database refuses connections",

  async tell({ stage, watch, claim }) {
    const { urls, collector } = stage;
    const before = watch.count;

    await stage.proxy.setMode("refuse");
    await claim("readiness turns 503 once the check is unhealthy; liveness stays 200", async (show) => {
      const { status, report } = await eventually(
        "readiness fails",
        () => probe(`${urls.service}/readyz`),
        (answer) => answer.status === 503,
      );
      show("GET /readyz", `${status} ${report.message}`);
      show("GET /livez", watch.expectOnly(200, "livez", before));
      const { status: serving } = await probe(`${urls.service}/servez`);
      show("GET /servez", `${serving} (it asks about this process alone)`);
      expectSame("serving", serving, 200);
    });

    const id = await claim("the full report tells why, under an incident id", async (show) => {
      const check = await fullReport(stage, "postgres");
      show(
        "full report",
        `postgres: ${excerpt(check, ["status", "incidentId", "errorType", "consecutiveFailures", "hint"])}`,
      );
      expectSame("the state", check.status, "unhealthy");
      expectSame("the error's type", check.errorType, "ECONNREFUSED");
      expectThat("three failures or more", (check.consecutiveFailures ?? 0) >= 3, check.consecutiveFailures);
      expectThat("the incident has an id", check.incidentId !== undefined, check);
      return check.incidentId;
    });

    await claim("the metrics page says so", async (show) => {
      const series = 'health_check_status{health_check_name="postgres",health_state="unhealthy"}';
      const lines = await metricLines(stage, series);
      show("GET /metrics", lines.join(" "));
      expectSame("the metric", lines.join(" "), `${series} 1`);
    });

    const told = { event: "health.check.transition", check: "postgres", state: "unhealthy" };
    await claim("the log has one line about it, with that id", async (show) => {
      const lines = await eventually(
        "the log tells of it",
        () => logLines(stage).filter((line) => has(line, told)),
        ({ length }) => length > 0,
      );
      expectSame("the number of lines", lines.length, 1);
      const [line = {}] = lines;
      show("log", excerpt(line, ["level", "event", "check", "state", "incident_id", "cause", "msg"]));
      expectSame("the incident id", line["incident_id"], id);
    });

    const changed = { "health.check.name": "postgres", "health.state": "unhealthy", "health.incident.id": id };
    await claim("the collector has an event, with that id", async (show) => {
      const event = await arrival(
        "the event",
        () => collector.logs,
        (record) => record.eventName === "health.check.transition" && has(record.attributes, changed),
      );
      show(
        "OTLP log",
        excerpt({ eventName: event.eventName, ...event.attributes }, ["eventName", ...Object.keys(changed)]),
      );
      expectSame("its severity (17 is ERROR)", event.severityNumber, 17);
    });

    const transition = await claim(
      "the collector has the transition as a span of that trace, linked to the failed runs",
      async (show) => {
        const span = await arrival(
          "the span",
          () => collector.spans,
          ({ name, attributes }) => name === "health.transition postgres" && has(attributes, changed),
        );
        const runs = collector.spans.filter(({ name }) => name === "health.check postgres");
        const linked = span.links.filter((link) => runs.some(({ spanId }) => spanId === link.spanId));
        show("OTLP span", `${span.name}  trace ${span.traceId}  links to ${linked.length} runs`);
        expectSame("the trace id", span.traceId, id);
        expectThat("a link to each of three runs", linked.length >= 3, span.links);
        return span;
      },
    );

    await stage.proxy.setMode("pass");
    await claim("the database is back, and so is readiness", async (show) => {
      const { status, report } = await eventually(
        "readiness recovers",
        () => probe(`${urls.service}/readyz`),
        (answer) => answer.status === 200,
      );
      show("GET /readyz", `${status} ${report.message}`);
    });

    await claim("the collector has the outage as a span, from the first failure to the recovery", async (show) => {
      const span = await arrival(
        "the outage's span",
        () => collector.spans,
        ({ name, traceId }) => name === "health.outage postgres" && traceId === id,
      );
      const untilUnhealthy = transition.startTimeUnixNano - span.startTimeUnixNano;
      show(
        "OTLP span",
        `${span.name}  trace ${span.traceId}  ${seconds(span.endTimeUnixNano - span.startTimeUnixNano)}`,
      );
      show(
        "",
        `unhealthy ${seconds(untilUnhealthy)} after the first failure: it takes 3 failures and ${intervalMs / 1_000} s`,
      );
      expectSame("its parent", span.parentSpanId, transition.spanId);
      expectThat(
        `the grace period of ${intervalMs} ms lies before the transition`,
        untilUnhealthy >= BigInt(intervalMs - 1) * 1_000_000n,
        seconds(untilUnhealthy),
      );
    });
  },
};
