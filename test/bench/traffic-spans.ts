import { answerParent, cpuUs } from "./answer-parent.ts";
import { importPublished } from "./published.ts";
import { type SpansAnswers, type SpansOptions, tracerOf, writeRequests } from "./spans.ts";

const { folder }: SpansOptions = JSON.parse(process.argv[2] as string);
const core = (await importPublished(folder, "@otel-health/core")) as typeof import("@otel-health/core");
const { createTraffic } = (await importPublished(
  folder,
  "@otel-health/traffic",
)) as typeof import("@otel-health/traffic");

const traffic = createTraffic();
const window = { windowMs: 600_000 };
/** Ten dependencies, of which two are called. */
const passive = (match: Record<string, string>) => traffic.passive({ match, ...window });
const checks = {
  requests: traffic.requests(),
  postgres: passive({ "db.system.name": "postgresql" }),
  billing: passive({ "server.address": "billing.example.com" }),
  ...Object.fromEntries(
    Array.from({ length: 8 }, (_, nth) => [`other-${nth}`, passive({ "server.address": `other-${nth}.example.com` })]),
  ),
};
const health = core.createHealth({ checks });
traffic.watch(health);
const tracer = tracerOf(traffic.spanProcessor);

answerParent({
  start: () => health.start(),
  requests: (count) => writeRequests(tracer, count),
  async counted() {
    const { checks } = await health.refresh();
    return [checks.postgres, checks.billing].map(({ message }) =>
      Number(/^0 of (\d+) calls failed/.exec(message ?? "")?.[1]),
    );
  },
  cpuUs,
} satisfies SpansAnswers);
