import { Logger } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { drainOnSignals } from "@otel-health/nestjs";
import { AppModule } from "./app-module.ts";
import { health } from "./health.ts";
import { sdk } from "./instrumentation.ts";

const { HOST = "0.0.0.0", PORT = "8080", DRAIN_DELAY_MS = "5000" } = process.env;

const log = new Logger("main");
const app = await NestFactory.create(AppModule);
drainOnSignals(health, {
  delayMs: Number(DRAIN_DELAY_MS),
  close: () => app.close(),
  // A collector that is away must not make a clean exit look like a crash.
  flush: () => sdk.shutdown().catch((error) => log.warn(error, "the last telemetry was not sent")),
});
await app.listen(PORT, HOST);

health.checks.kettle.beat();
setInterval(() => health.checks.kettle.beat(), 10_000).unref();
// The module has started it: this waits for it, and ends the process where it cannot start.
await health.start();
log.log("ready");
