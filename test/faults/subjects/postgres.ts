import { postgres } from "@otel-health/checks/postgres";
import { Pool, type PoolClient, type PoolConfig } from "pg";
import postgresJs, { type ReservedSql, type Sql } from "postgres";
import { type Postgres, postgresPrograms, startPostgres } from "../../servers/postgres.ts";
import { type Address, type Cell, type Dependency, type Subject, subject } from "../subject.ts";
import { authority, certificate } from "../tls-front.ts";

interface PgDependency extends Dependency {
  readonly pool: Pool;
}

function connectPool({ host, port, ca }: Address, more: PoolConfig = {}): PgDependency {
  const pool = new Pool({
    host,
    port,
    user: "app",
    database: "postgres",
    password: "right",
    max: 3,
    // One connection before and after, however long it takes.
    idleTimeoutMillis: 0,
    ...(ca !== undefined && { ssl: { ca, servername: "localhost" }, sslnegotiation: "direct" as const }),
    ...more,
  });
  // Without it the loss of an idle connection ends the process.
  pool.on("error", () => {});
  return {
    pool,
    check: (schedule) => postgres(pool, schedule),
    emitters: () => [pool],
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

/** Ends every connection of the application, as the server's own restart would, so that it has to log in again. */
const cutOff = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'";
const readOnly = (on: boolean) => `ALTER ROLE app SET default_transaction_read_only = ${on}`;

type Of<D extends Dependency> = Subject<Postgres, D>["cells"];

const gone = ["ECONNREFUSED", "ECONNRESET", "connection_terminated", "57P01", "57P03", "CONNECTION_CLOSED"];

/** What is the same for every client. */
function cells<D extends Dependency>(connect: (address: Address, more: object) => D) {
  return {
    refused: { errorTypes: gone },
    hang: { errorTypes: ["timeout"] },
    slow: { errorTypes: ["timeout"] },
    reset: { errorTypes: ["ECONNRESET", "connection_terminated", "CONNECTION_CLOSED"] },
    "half-open": { errorTypes: ["timeout"] },
    "wrong credentials": {
      errorTypes: ["28P01"],
      fault: "fatal",
      inject: async ({ server }) => {
        await server.query("ALTER ROLE app PASSWORD 'rotated'");
        await server.query(cutOff);
      },
      heal: ({ server }) => server.query("ALTER ROLE app PASSWORD 'right'"),
    },
    "wrong database": {
      errorTypes: ["3D000"],
      fault: "fatal",
      connect: async (address) => connect(address, { database: "typo" }),
      heal: ({ server }) => server.query("CREATE DATABASE typo"),
    },
    restart: { errorTypes: gone },
    "read-only": {
      errorTypes: ["read_only"],
      inject: async ({ server }) => {
        await server.query(readOnly(true));
        await server.query(cutOff);
      },
      heal: async ({ server }) => {
        await server.query(readOnly(false));
        await server.query(cutOff);
      },
    },
    "DNS gone": { errorTypes: ["ENOTFOUND"] },
    "TLS expired": { tls: true, errorTypes: ["CERT_HAS_EXPIRED"], fault: "persistent" },
  } satisfies { readonly [fault: string]: Cell<Postgres, D> };
}

async function start(): Promise<Postgres> {
  const server = await startPostgres({ auth: "scram-sha-256" });
  await server.query("CREATE ROLE app LOGIN PASSWORD 'right'");
  await server.query("GRANT CREATE ON DATABASE postgres TO app");
  return server;
}

/** Every connection that the pool may have. */
const all = (pool: Pool) => Promise.all([pool.connect(), pool.connect(), pool.connect()]);
const held = new WeakMap<Pool, readonly PoolClient[]>();

const pgPool: Subject<Postgres, PgDependency> = {
  name: "postgres: pg",
  programs: postgresPrograms,
  alpn: ["postgresql"],
  start,
  connect: async (address) => connectPool(address),
  cells: {
    ...cells((address, more) => connectPool(address, more)),
    "pool exhausted": {
      state: "degraded",
      connect: async (address) => {
        const dependency = connectPool(address);
        for (const client of await all(dependency.pool)) client.release();
        return dependency;
      },
      inject: async ({ dependency: { pool } }) => {
        held.set(pool, await all(pool));
      },
      heal: async ({ dependency: { pool } }) => {
        for (const client of held.get(pool) ?? []) client.release();
        held.delete(pool);
      },
    },
  } satisfies Of<PgDependency>,
};

interface PostgresJsDependency extends Dependency {
  readonly sql: Sql;
}

function connectPostgresJs({ host, port }: Address, more: object = {}): PostgresJsDependency {
  const sql = postgresJs({
    host,
    port,
    user: "app",
    database: "postgres",
    password: "right",
    max: 3,
    // Its own delay between connects grows to a minute; an application that wants to be back soon sets it.
    backoff: () => 0.1,
    // A second: queries that hang make its pool grow, and without this it never shrinks.
    idle_timeout: 1,
    onnotice: () => {},
    ...more,
  });
  return {
    sql,
    check: (schedule) => postgres(sql, schedule),
    [Symbol.asyncDispose]: () => sql.end({ timeout: 0 }),
  };
}

const reserveAll = (sql: Sql) => Promise.all([sql.reserve(), sql.reserve(), sql.reserve()]);
const reserved = new WeakMap<Sql, readonly ReservedSql[]>();

const porsager: Subject<Postgres, PostgresJsDependency> = {
  name: "postgres: postgres",
  programs: postgresPrograms,
  start,
  connect: async (address) => connectPostgresJs(address),
  cells: {
    ...cells((address, more) => connectPostgresJs(address, more)),
    // It asks for TLS in PostgreSQL's own words, so that the server's own TLS is used.
    "TLS expired": {
      errorTypes: ["CERT_HAS_EXPIRED"],
      fault: "persistent",
      connect: async (address, server) => {
        await server.present(certificate("valid"));
        return connectPostgresJs(address, { ssl: { ca: authority, servername: "localhost" } });
      },
      inject: async ({ server }) => {
        await server.present(certificate("expired"));
        await server.query(cutOff);
      },
      heal: ({ server }) => server.present(certificate("valid")),
    },
    // Its pool says nothing of itself: a query waits until the run's time is over.
    "pool exhausted": {
      errorTypes: ["timeout"],
      connect: async (address) => {
        const dependency = connectPostgresJs(address);
        for (const connection of await reserveAll(dependency.sql)) connection.release();
        return dependency;
      },
      inject: async ({ dependency: { sql } }) => {
        reserved.set(sql, await reserveAll(sql));
      },
      heal: async ({ dependency: { sql } }) => {
        for (const connection of reserved.get(sql) ?? []) connection.release();
      },
    },
  },
};

export const subjects: readonly Subject[] = [subject(pgPool), subject(porsager)];
