import { createServer } from "node:http";
import { connect } from "node:net";
import { createHealth, fail, type ScheduleOptions } from "@otel-health/http";

// A process that is frozen between requests. Below /fresh it answers as such a process should: it refreshes first.
// Everything else is answered as an ordinary server does. POST /start, /drain and /stop lead it through its life.

const { dependencyPort, check, maxAgeMs }: Told = JSON.parse(process.argv[2] ?? "");

/** What the test hands to this process. */
export interface Told {
  readonly dependencyPort: number;
  readonly check: ScheduleOptions;
  readonly maxAgeMs: number;
}

/** Passes when the dependency has sent something. */
function ask(signal: AbortSignal) {
  return new Promise<undefined | ReturnType<typeof fail>>((resolve, reject) => {
    const socket = connect({ port: dependencyPort, host: "127.0.0.1", signal });
    socket.once("data", () => {
      resolve(undefined);
      socket.destroy();
    });
    socket.once("end", () => resolve(fail("hung up")));
    socket.once("error", reject);
  });
}

const health = createHealth({
  endpoints: { detail: "full" },
  checks: { dependency: { ...check, run: ({ signal }) => ask(signal) } },
});
const fresh = health.endpoints({ prefix: "/fresh", detail: "full" });

const life: Readonly<Record<string, () => Promise<void>>> = {
  "/start": () => health.start(),
  // Its delay is cut short by the stop.
  "/drain": async () => void health.drain({ delayMs: 60_000 }),
  "/stop": () => health.stop(),
};

const server = createServer(async (request, response) => {
  await life[request.url ?? ""]?.();
  if (fresh.matches(request)) await health.refresh({ maxAgeMs });
  const answer = fresh.respond(request) ?? health.respond(request);
  response.writeHead(answer?.status ?? 204, answer?.headers).end(answer?.body);
}).listen(0, "127.0.0.1", () => process.stdout.write(`${JSON.stringify(server.address())}\n`));

process.stdin.resume().on("end", () => process.exit());
