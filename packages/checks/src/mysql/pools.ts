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
 * A pool of `mariadb`. Its limit is to be had in words only, from 3.4 on; before, a caller that waits while others hold
 * connections has to do. Where nobody holds one, it waits for a server.
 */
export function poolOfMariadb(pool: MariadbPool): Pool<MariadbPoolConnection> {
  const limit = /\blimit=(\d+)/.exec(String(pool))?.[1];
  const max = limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  const lendsAll = () => pool.activeConnections() >= (limit === undefined ? 1 : max);
  return {
    use: () => ({ max, used: pool.activeConnections(), waiting: pool.taskQueueSize() }),
    borrow: () => pool.getConnection(),
    isQueued: () => pool.taskQueueSize() > 0 && lendsAll(),
    // After `acquireTimeout`.
    isRefusal: (error) => (error as { readonly code?: unknown })?.code === "ER_GET_CONNECTION_TIMEOUT" && lendsAll(),
    giveBack: (connection, broken) => {
      if (broken) closeMariadb(connection);
      // It may have a transaction to end, and what cannot be given back is closed by the pool.
      else connection.release().then(undefined, () => {});
    },
  };
}

/**
 * With a question under way `destroy()` opens another connection to KILL it, and where that is refused an error that
 * nobody can catch ends the process. A ping ends the question first: with its answer, or by closing the socket.
 */
function closeMariadb(connection: MariadbPoolConnection): void {
  const destroy = () => connection.destroy();
  connection.ping(1).then(destroy, destroy);
}
