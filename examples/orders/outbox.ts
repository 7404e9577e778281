import { setTimeout as sleep } from "node:timers/promises";
import { health } from "./health.ts";
import { log } from "./log.ts";
import { pool } from "./postgres.ts";

/** Sends what waits in the outbox, until the signal fires. Each turn beats, whether or not the database is there. */
export async function runOutbox(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    health.checks.outbox.beat();
    // A database that is away has a check of its own to say so.
    await sendWaiting().catch((err) => log.debug({ err }, "the outbox waits"));
    await sleep(500, undefined, { signal }).catch(() => {});
  }
}

async function sendWaiting(): Promise<void> {
  const { rows } = await pool.query<{ order_id: number }>("DELETE FROM outbox RETURNING order_id");
  // In place of a message broker.
  for (const { order_id } of rows) log.info({ order: order_id }, "order announced");
}
