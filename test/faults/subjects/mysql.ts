import { mysql } from "@otel-health/checks/mysql";
import {
  createPool as createMariadbPool,
  type PoolConnection as MariadbConnection,
  type Pool as MariadbPool,
} from "mariadb";
import { createPool, type Pool, type PoolConnection, type PoolOptions } from "mysql2/promise";
import { type Mariadb, mariadbPrograms, startMariadb } from "../../servers/mariadb.ts";
import { type Address, type Dependency, type Subject, subject } from "../subject.ts";
import { authority, certificate } from "../tls-front.ts";

interface Mysql2Dependency extends Dependency {
  readonly pool: Pool;
}

function connect({ host, port }: Address, more: PoolOptions = {}): Mysql2Dependency {
  const pool = createPool({
    host,
    port,
    user: "app",
    password: "right",
    database: "app",
    connectionLimit: 3,
    ...more,
  });
  return {
    pool,
    check: (schedule) => mysql(pool, schedule),
    emitters: () => [pool, pool.pool],
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

/** Ends every connection of the application, as the server's own restart would, so that it has to log in again. */
const cutOff = (server: Mariadb) => server.query("KILL USER app");

async function start(): Promise<Mariadb> {
  const server = await startMariadb({ certificate: certificate("valid") });
  await server.query("CREATE USER app IDENTIFIED BY 'right'");
  await server.query("GRANT ALL ON app.* TO app");
  // Whoever may not use a database is not told that there is none.
  await server.query("GRANT ALL ON typo.* TO app");
  await server.query("GRANT ALL ON missing.* TO app");
  await server.query("CREATE DATABASE app");
  return server;
}

/** Every connection that the pool may have. */
const all = (pool: Pool) => Promise.all([pool.getConnection(), pool.getConnection(), pool.getConnection()]);
const held = new WeakMap<Pool, readonly PoolConnection[]>();

/** An answer of the handshake or of a query that is cut is a reset; what was idle is closed, and opened anew. */
const gone = ["ECONNREFUSED", "ECONNRESET", "PROTOCOL_CONNECTION_LOST", "ER_CONNECTION_KILLED"];

async function present(server: Mariadb, kind: "valid" | "expired"): Promise<void> {
  await server.present(certificate(kind));
  await cutOff(server);
}

const mysql2: Subject<Mariadb, Mysql2Dependency> = {
  name: "mysql: mysql2",
  programs: mariadbPrograms,
  start,
  connect: async (address) => connect(address),
  cells: {
    refused: { errorTypes: gone },
    hang: { errorTypes: ["timeout"] },
    slow: { errorTypes: ["timeout"] },
    reset: { errorTypes: ["ECONNRESET", "PROTOCOL_CONNECTION_LOST"] },
    "half-open": { errorTypes: ["timeout"] },
    "wrong credentials": {
      errorTypes: ["ER_ACCESS_DENIED_ERROR"],
      fault: "fatal",
      inject: async ({ server }) => {
        await server.query("ALTER USER app IDENTIFIED BY 'rotated'");
        await cutOff(server);
      },
      heal: ({ server }) => server.query("ALTER USER app IDENTIFIED BY 'right'"),
    },
    "wrong database": {
      errorTypes: ["ER_BAD_DB_ERROR"],
      fault: "fatal",
      connect: async (address) => connect(address, { database: "typo" }),
      heal: ({ server }) => server.query("CREATE DATABASE typo"),
    },
    restart: { errorTypes: gone },
    "read-only": {
      errorTypes: ["read_only"],
      inject: ({ server }) => server.query("SET GLOBAL read_only = 1"),
      heal: ({ server }) => server.query("SET GLOBAL read_only = 0"),
    },
    "pool exhausted": {
      state: "degraded",
      connect: async (address) => {
        const dependency = connect(address);
        for (const connection of await all(dependency.pool)) connection.release();
        return dependency;
      },
      inject: async ({ dependency: { pool } }) => {
        held.set(pool, await all(pool));
      },
      heal: async ({ dependency: { pool } }) => {
        for (const connection of held.get(pool) ?? []) connection.release();
        held.delete(pool);
      },
    },
    "DNS gone": { errorTypes: ["ENOTFOUND"] },
    // TLS begins in the middle of MySQL's handshake, so that it has to be the server's own.
    "TLS expired": {
      errorTypes: ["CERT_HAS_EXPIRED"],
      fault: "persistent",
      connect: async (address) => connect({ ...address, host: "localhost" }, { ssl: { ca: authority } }),
      inject: ({ server }) => present(server, "expired"),
      heal: ({ server }) => present(server, "valid"),
    },
  },
};

interface MariadbDependency extends Dependency {
  readonly pool: MariadbPool;
}

function connectMariadb({ host, port }: Address, more: object = {}): MariadbDependency {
  const pool = createMariadbPool({
    host,
    port,
    user: "app",
    password: "right",
    database: "app",
    connectionLimit: 3,
    // It opens as many as it may by itself; this keeps it to what is asked for.
    minimumIdle: 1,
    // Its own 10 s are longer than a run: then every failure is a timeout.
    acquireTimeout: 350,
    connectTimeout: 300,
    ...more,
  });
  return { pool, check: (schedule) => mysql(pool, schedule), [Symbol.asyncDispose]: () => pool.end() };
}

const allOf = (pool: MariadbPool) => Promise.all([pool.getConnection(), pool.getConnection(), pool.getConnection()]);
const heldOf = new WeakMap<MariadbPool, readonly MariadbConnection[]>();
/** A pool that gives up on a connection says so, with what befell it at last if it knows. */
const none = ["ER_GET_CONNECTION_TIMEOUT", "ER_CONNECTION_TIMEOUT", "ER_SOCKET_UNEXPECTED_CLOSE", "timeout", ...gone];

const mariadb: Subject<Mariadb, MariadbDependency> = {
  name: "mysql: mariadb",
  programs: mariadbPrograms,
  start,
  connect: async (address) => connectMariadb(address),
  cells: {
    refused: { errorTypes: none },
    hang: { errorTypes: none },
    slow: { errorTypes: none },
    reset: { errorTypes: none },
    "half-open": { errorTypes: none },
    "wrong credentials": {
      errorTypes: ["ER_ACCESS_DENIED_ERROR"],
      fault: "fatal",
      inject: async ({ server }) => {
        await server.query("ALTER USER app IDENTIFIED BY 'rotated'");
        await cutOff(server);
      },
      heal: ({ server }) => server.query("ALTER USER app IDENTIFIED BY 'right'"),
    },
    "wrong database": {
      errorTypes: ["ER_BAD_DB_ERROR"],
      fault: "fatal",
      connect: async (address) => connectMariadb(address, { database: "missing" }),
      heal: async ({ server }) => {
        await server.query("CREATE DATABASE missing");
      },
    },
    restart: { errorTypes: none },
    "read-only": {
      errorTypes: ["read_only"],
      inject: ({ server }) => server.query("SET GLOBAL read_only = 1"),
      heal: ({ server }) => server.query("SET GLOBAL read_only = 0"),
    },
    "pool exhausted": {
      state: "degraded",
      connect: async (address) => {
        const dependency = connectMariadb(address, { acquireTimeout: 5_000 });
        await Promise.all((await allOf(dependency.pool)).map((connection) => connection.release()));
        return dependency;
      },
      inject: async ({ dependency: { pool } }) => {
        heldOf.set(pool, await allOf(pool));
      },
      heal: async ({ dependency: { pool } }) => {
        await Promise.all((heldOf.get(pool) ?? []).map((connection) => connection.release()));
      },
    },
    "DNS gone": { errorTypes: [...none, "ENOTFOUND"] },
    "TLS expired": {
      errorTypes: ["CERT_HAS_EXPIRED"],
      fault: "persistent",
      connect: async (address) => connectMariadb({ ...address, host: "localhost" }, { ssl: { ca: authority } }),
      inject: ({ server }) => present(server, "expired"),
      heal: ({ server }) => present(server, "valid"),
    },
  },
};

export const subjects: readonly Subject[] = [subject(mysql2), subject(mariadb)];
