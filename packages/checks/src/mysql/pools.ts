import type { Pool } from "../pool/pool-asker.ts";
import type { MariadbPool, MariadbPoolConnection, Mysql2Pool, Mysql2PoolConnection } from "./clients.ts";

/**
 * A pool of `mysql2`, which counts nothing in public. It tells by an event, while it is asked, that it has put a caller
 * into its queue, and that is when all its connections are in use.
 */
export function poolOfMysql2(pool: Mysql2Pool): Pool<Mysql2PoolConnection> {
  const max = pool.pool.config.connectionLimit || Number.POSITIVE_INFINITY;
  let queued = 0;
  return {
    use: () => ({ max, used: queued > 0 ? max : 0, waiting: undefined }),
    borrow: () => {
      let isQueued = false;
      const hear = () => {
        isQueued = true;
      };
      pool.on("enqueue", hear);
      let connection: Promise<Mysql2PoolConnection>;
      try {
        connection = pool.getConnection();
      } finally {
        pool.removeListener("enqueue", hear);
      }
      if (isQueued) {
        queued += 1;
        const settled = () => {
          queued -= 1;
        };
        connection.then(settled, settled);
      }
      return connection;
    },
    isQueued: () => queued > 0,
    // With `waitForConnections: false`, and with `queueLimit`: these come without a code.
    isRefusal: (error) => error instanceof Error && /no connections available|queue limit reached/i.test(error.message),
    giveBack: (connection, broken) => (broken ? connection.destroy() : connection.release()),
  };
}

/**
 * A pool of `mariadb`. Its limit is not to be had; a caller that waits while others hold connections says as much. Where
 * nobody holds one, it waits for a server.
 */
export function poolOfMariadb(pool: MariadbPool): Pool<MariadbPoolConnection> {
  return {
    use: () => ({ max: Number.POSITIVE_INFINITY, used: pool.activeConnections(), waiting: pool.taskQueueSize() }),
    borrow: () => pool.getConnection(),
    isQueued: () => pool.taskQueueSize() > 0 && pool.activeConnections() > 0,
    giveBack: (connection, broken) => {
      if (broken) connection.destroy();
      // It may have a transaction to end, and what cannot be given back is closed by the pool.
      else connection.release().then(undefined, () => {});
    },
  };
}
