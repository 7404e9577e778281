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

/** The first connection; an attempt that takes too long is ended by the pool itself. */
export async function connect(): Promise<void> {
  await pool.query("SELECT 1");
}

export async function migrate(): Promise<void> {
  await pool.query(`
    CREATE TABLE IF NOT EXISTS orders (id serial PRIMARY KEY, item text NOT NULL, quantity int NOT NULL);
    CREATE TABLE IF NOT EXISTS outbox (id serial PRIMARY KEY, order_id int NOT NULL REFERENCES orders);
  `);
}
