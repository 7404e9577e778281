import { createHealth, heartbeat, threshold } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { healthEndpoints } from "@otel-health/express";
import { listenHealth } from "@otel-health/http";
import { logTransitions } from "@otel-health/pino";

// What must be refused. Where the types were lost, all of this would compile, and the expectations fail.

const health = createHealth({ checks: { postgres: () => {}, outbox: heartbeat({ maxAgeMs: 30_000 }) } });
health.checks.outbox.beat();
// @ts-expect-error a name that is not there
health.checks.postgress;
// @ts-expect-error only a heartbeat beats
health.checks.postgres.beat();
// @ts-expect-error a name that is not there
health.snapshot().checks.postgress;
// @ts-expect-error a unit is part of the name
createHealth({ checks: {}, warmUp: 5_000 });
// @ts-expect-error an answer is nothing or an outcome
createHealth({ checks: { postgres: () => true } });
// @ts-expect-error a status that there is not
createHealth({ checks: { postgres: () => ({ status: "up" }) } });
// @ts-expect-error a probe names its checks
createHealth({ checks: { postgres: () => {} }, probes: { readiness: { checks: ["postgress"] } } });
// @ts-expect-error the age is required
heartbeat({});
// @ts-expect-error a threshold does not wait
threshold(async () => 3, { failAbove: 10 });
// @ts-expect-error a probe has a name
health.report(1);
// @ts-expect-error an event that there is not
health.on("changed", () => {});
// @ts-expect-error a clock that is none
createHealth({ clock: { now: () => 0 } });
// @ts-expect-error time is a number
new FakeClock("2026-11-22");
// @ts-expect-error a port is a number
void listenHealth(health, { port: "9090" });
// @ts-expect-error a detail that there is not
healthEndpoints(health, { detail: "everything" });
// @ts-expect-error a logger is needed
logTransitions(health, console.log);
