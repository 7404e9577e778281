const express = require("express");
const pino = require("pino");

/** Prints what each entry point exports, and what a service sees that is made of them. Its end ends the process. */
exports.tell = async (load, entryPoints) => {
  const names = {};
  for (const entryPoint of entryPoints) names[entryPoint] = Object.keys(await load(entryPoint)).sort();
  const { createHealth, threshold } = await load("@otel-health/core");
  const { FakeClock } = await load("@otel-health/core/testing");
  const { healthEndpoints } = await load("@otel-health/express");
  const { listenHealth } = await load("@otel-health/http");
  const { logTransitions } = await load("@otel-health/pino");

  const lines = [];
  const clock = new FakeClock();
  const health = createHealth({ clock, checks: { queue: threshold(() => 30, { failAbove: 10 }) } });
  logTransitions(health, pino({ base: null }, { write: (line) => lines.push(JSON.parse(line).msg) }));
  await health.start();
  await clock.advance(20_000);
  const app = express().use(healthEndpoints(health)).listen(0, "127.0.0.1");
  const own = await listenHealth(health, { host: "127.0.0.1" });
  const answers = [];
  for (const port of [own.port, app.address().port]) {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    answers.push([response.status, (await response.json()).checks.queue.status]);
  }
  await own.close();
  await new Promise((resolve) => app.close(resolve));
  await health.stop();
  process.stdout.write(JSON.stringify({ names, answers, lines }));
};
