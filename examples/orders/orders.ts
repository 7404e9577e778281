import { readCache, writeCache } from "./cache.ts";
import { pool } from "./postgres.ts";

export interface Order {
  readonly id: number;
  readonly item: string;
  readonly quantity: number;
}

/** Stores the order and, in the same statement, the message that tells the world of it. */
export async function placeOrder(item: string, quantity: number): Promise<Order> {
  const { rows } = await pool.query<Order>(
    `WITH placed AS (INSERT INTO orders (item, quantity) VALUES ($1, $2) RETURNING id, item, quantity),
       told AS (INSERT INTO outbox (order_id) SELECT id FROM placed)
     SELECT * FROM placed`,
    [item, quantity],
  );
  return rows[0] as Order;
}

export async function findOrder(id: number): Promise<Order | undefined> {
  const cached = await readCache(`order:${id}`);
  if (cached !== undefined) return cached as Order;
  const { rows } = await pool.query<Order>("SELECT id, item, quantity FROM orders WHERE id = $1", [id]);
  if (rows[0] !== undefined) await writeCache(`order:${id}`, rows[0]);
  return rows[0];
}

export async function latestOrders(): Promise<readonly Order[]> {
  const { rows } = await pool.query<Order>("SELECT id, item, quantity FROM orders ORDER BY id DESC LIMIT 20");
  return rows;
}
