// First: it patches node:http, which the modules below load.
import "./instrumentation.ts";

import { once } from "node:events";
import { drainOnSignals, gracefulClose, listenHealth } from "@otel-health/express";
import { logTransitions } from "@otel-health/pino";
import { startWatchdog } from "@otel-health/watchdog";
import { app } from "./app.ts";
import { cache } from "./cache.ts";
import { adminPort, deadAfterMs, drainDelayMs, metricsPort, port, probePort, terminationLog } from "./config.ts";
import { health } from "./health.ts";
import { sdk } from "./instrumentation.ts";
import { log } from "./log.ts";
import { runOutbox } from "./outbox.ts";
import { pool } from "./postgres.ts";

logTransitions(health, log);

const server = app.listen(port);
const stopping = new AbortController();
drainOnSignals(health, {
  delayMs: drainDelayMs,
  deadlineMs: drainDelayMs + 15_000,
  close: [() => stopping.abort(), gracefulClose(server, health), () => Promise.all([pool.end(), cache?.disconnect()])],
  // A collector that is away must not make a clean exit look like a crash.
  flush: () => sdk.shutdown().catch((err) => log.warn({ err }, "the last telemetry was not sent")),
});

// kill -USR2 takes this copy out of rotation for maintenance, and puts it back.
const { maintenance } = health.checks;
process.on("SIGUSR2", () => (maintenance.isOpen ? maintenance.close("asked by SIGUSR2") : maintenance.open()));

await once(server, "listening");
await listenHealth(health, { port: adminPort, host: "127.0.0.1", detail: "full" });
// The same probes from a thread of their own: for the kubelet, which must be answered while the event loop is blocked.
await startWatchdog(health, { port: probePort, deadAfterMs, ...(terminationLog && { terminationLog }) });
log.info({ port, probePort, adminPort, metricsPort }, "listening");

await health.start();
await runOutbox(stopping.signal);
