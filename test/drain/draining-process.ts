// A process of one framework, named by its argument, whose time passes when the test says so on its stdin: `advance 100`.
// `release` lets the slow requests finish. It says on stdout what it has done.
import { createInterface } from "node:readline";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { FakeClock } from "@otel-health/core/testing";
import { createHealth, drainOnSignals } from "@otel-health/http";
import type { Framework, Serve } from "../frameworks/serve.ts";

const framework = process.argv[2] as Framework;
const clock = new FakeClock();
const health = createHealth({ clock, checks: { outbox: () => {} } });
const sdk = new NodeSDK({
  serviceName: framework,
  autoDetectResources: false,
  instrumentations: [health.instrumentation],
});
sdk.start();

const released = Promise.withResolvers<void>();
const { serve } = (await import(`../frameworks/${framework}.ts`)) as { readonly serve: Serve };
const serving = await serve(health, {
  orders: '["tea"]',
  slow() {
    console.log("slow request begun");
    return released.promise;
  },
});
drainOnSignals(health, {
  clock,
  delayMs: 5_000,
  deadlineMs: 60_000,
  close: [
    async () => {
      await serving.close();
      console.log("server closed");
    },
    () => console.log("pool closed"),
  ],
  flush: async () => {
    await sdk.shutdown();
    console.log("flushed");
  },
});

createInterface(process.stdin).on("line", async (line) => {
  const [command, ms] = line.split(" ");
  if (command === "release") released.resolve();
  else await clock.advance(Number(ms));
});
await health.start();
// The first run of the check is spread by chance.
await clock.advance(1_000);
console.log(`listening on ${serving.port}`);
