// A service that asks PostgreSQL, traced by the real instrumentation, with two checks of it: one by the traffic, one that
// pings. Does what its stdin says.
import { PgInstrumentation } from "@opentelemetry/instrumentation-pg";
import { AlwaysOffSampler, AlwaysOnSampler } from "@opentelemetry/sdk-trace";
import { createHealth } from "@otel-health/core";
import { createTraffic, type PassiveOptions } from "@otel-health/traffic";
import { obey } from "./commands.ts";
import { startSdk } from "./sdk.ts";

/** What the process is given. */
export interface OrdersOptions {
  readonly port: number;
  readonly sampling: "on" | "off" | "record only";
  readonly passive: Omit<PassiveOptions, "match" | "active">;
}

const { port, sampling, passive }: OrdersOptions = JSON.parse(process.argv[2] as string);
const pings = { passive: ping("passive_pings"), active: ping("active_pings") };
const traffic = createTraffic();
const health = createHealth({
  checks: {
    passive: traffic.passive({ match: { "db.system.name": "postgresql" }, active: pings.passive, ...passive }),
    // Three times the default: on a slow machine the two must not race each other.
    active: { run: pings.active, intervalMs: 30_000 },
  },
});
const sampler = sampling === "on" ? new AlwaysOnSampler() : new AlwaysOffSampler();
const exporter = startSdk({
  sampler: sampling === "record only" ? traffic.recordOnly(sampler) : sampler,
  processor: traffic.spanProcessor,
  instrumentations: [health.instrumentation, new PgInstrumentation()],
});
// After the instrumentation: it patches what is loaded from now on.
const { Pool } = (await import("pg")).default;
const connection = { host: "127.0.0.1", port, user: "postgres", database: "postgres" };
const pool = new Pool({ ...connection, max: 4 });
// One that is cut off while it is idle.
pool.on("error", () => {});

function ping(sequence: string) {
  return async () => {
    const client = new (await import("pg")).default.Client(connection);
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query(`SELECT nextval('${sequence}')`);
    } finally {
      void client.end().catch(() => {});
    }
  };
}

const transitions: { readonly name: string; readonly state: string; readonly activeCheckedAt: number | null }[] = [];
health.on("transition", (transition) => {
  if (transition.type !== "check") return;
  const { name, state } = transition;
  transitions.push({ name, state, activeCheckedAt: health.checks.active.snapshot().checkedAt });
});
await health.start();

const commands = {
  /** Sends statements, four at a time; answers how many of them came to what. */
  async flow(times: number, sql: string) {
    const ends: Record<string, number> = {};
    let left = times;
    const client = async () => {
      while (left-- > 0) {
        const end = await pool.query(sql).then(
          () => "ok",
          ({ code, message }) => code ?? message,
        );
        ends[end] = (ends[end] ?? 0) + 1;
      }
    };
    await Promise.all([client(), client(), client(), client()]);
    return ends;
  },
  /** Sends a statement and does not wait for it. */
  begin(sql: string) {
    pool.query(sql).catch(() => {});
  },
  refresh: async () => void (await health.refresh()),
  report: () => ({
    passive: health.checks.passive.snapshot(),
    active: health.checks.active.snapshot(),
    transitions,
    exported: exporter.getFinishedSpans().filter(({ name }) => name.startsWith("pg")).length,
  }),
};

/** What it can be told to do. */
export type OrdersCommands = typeof commands;

obey(commands);
