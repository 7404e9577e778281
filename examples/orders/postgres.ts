import pg from "pg";
import { databaseUrl } from "./config.ts";
import { log } from "./log.ts";

export const pool = new pg.Pool({
  connectionString: databaseUrl,
  max: 4,
  connectionTimeoutMillis: 1_000,
  query_timeout: 5_000,
});

// A connection that breaks says so as an event, idle or lent out, and an "error" that nobody hears ends the process.
pool.on("error", (err) => log.warn({ err }, "an idle database connection broke"));
pool.on("connect", (client) => client.on("error", () => {}));

/** A round trip on the pool that requests use. On abort the connection is destroyed: a query that hangs keeps no slot. */
export async function ping(signal: AbortSignal): Promise<void> {
  const client = await pool.connect();
  const destroy = () => client.release(true);
  if (signal.aborted) return destroy();
  signal.addEventListener("abort", destroy, { once: true });
  try {
    await client.query("SELECT 1");
  } finally {
    signal.removeEventListener("abort", destroy);
    if (!signal.aborted) client.release();
  }
}

export async function migrate(): Promise<void> {
  await pool.query(`
    CREATE TABLE IF NOT EXISTS orders (id serial PRIMARY KEY, item text NOT NULL, quantity int NOT NULL);
    CREATE TABLE IF NOT EXISTS outbox (id serial PRIMARY KEY, order_id int NOT NULL REFERENCES orders);
  `);
}
