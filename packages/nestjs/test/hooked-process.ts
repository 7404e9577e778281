// An application with Nest's shutdown hooks. The time of its health object stands still until a line comes on stdin.
import { createInterface } from "node:readline";
import { FakeClock } from "@otel-health/core/testing";
import { createHealth, HEALTH, HealthModule } from "@otel-health/nestjs";
import { makeApp, portOf } from "./make-app.ts";
import { platforms } from "./platforms.ts";
import { routesOf } from "./routes-of.ts";

class Pool {
  onModuleDestroy() {
    process.stdout.write("pool destroyed\n");
  }
  onApplicationShutdown(signal?: string) {
    process.stdout.write(`pool shut down by ${signal}\n`);
  }
}

const [platform, options] = process.argv.slice(2);
const [, makeAdapter] = platforms.find(([name]) => name === platform)!;
const clock = new FakeClock();
const app = await makeApp(makeAdapter(), {
  imports: [HealthModule.forRoot({ health: createHealth({ clock }), drainDelayMs: 5_000 })],
  controllers: [routesOf({ orders: () => "tea" })],
  providers: [Pool],
});
app.enableShutdownHooks([], JSON.parse(options ?? "{}"));
createInterface(process.stdin).on("line", () => void clock.advance(5_000));
await app.listen(0, "127.0.0.1");
await app.get(HEALTH).start();
process.stdout.write(`listening on ${portOf(app)}\n`);
