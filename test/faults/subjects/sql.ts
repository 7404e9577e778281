import { sql } from "@otel-health/checks/sql";
import knex, { type Knex } from "knex";
import { type Postgres, postgresPrograms, startPostgres } from "../../servers/postgres.ts";
import { type Address, type Dependency, type Subject, subject } from "../subject.ts";
import { authority, certificate } from "../tls-front.ts";

interface KnexDependency extends Dependency {
  readonly db: Knex;
}

/** Knex says on the console what it also rejects with. */
const log = { warn() {}, error() {}, deprecate() {}, debug() {} };

function connect({ host, port }: Address, connection: object = {}, more: Knex.Config = {}): KnexDependency {
  const db = knex({
    client: "pg",
    connection: { host, port, user: "app", database: "postgres", password: "right", ...connection },
    // A second: queries that hang make the pool grow, and it shrinks again.
    pool: { min: 0, max: 3, idleTimeoutMillis: 1_000, reapIntervalMillis: 200 },
    log,
    ...more,
  });
  return {
    db,
    check: (schedule) => sql(() => db.raw("SELECT 1"), schedule),
    emitters: () => [db],
    [Symbol.asyncDispose]: () => db.destroy(),
  };
}

/** Ends every connection of the application, as the server's own restart would, so that it has to log in again. */
const cutOff = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'";
const held = new WeakMap<Knex, readonly Knex.Transaction[]>();
const gone = ["ECONNREFUSED", "ECONNRESET", "connection_terminated", "57P01", "57P03"];

async function setReadOnly(server: Postgres, on: boolean): Promise<void> {
  await server.query(`ALTER ROLE app SET default_transaction_read_only = ${on}`);
  await server.query(cutOff);
}

const overKnex: Subject<Postgres, KnexDependency> = {
  name: "sql: knex",
  programs: postgresPrograms,
  start: async () => {
    const server = await startPostgres({ auth: "scram-sha-256" });
    await server.query("CREATE ROLE app LOGIN PASSWORD 'right'");
    await server.query("GRANT CREATE ON DATABASE postgres TO app");
    return server;
  },
  connect: async (address) => connect(address),
  cells: {
    refused: { errorTypes: gone },
    hang: { errorTypes: ["timeout"] },
    slow: { errorTypes: ["timeout"] },
    reset: { errorTypes: ["ECONNRESET", "connection_terminated"] },
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
    // The query and what is expected of it are the application's.
    "read-only": {
      errorTypes: ["unexpected_result"],
      connect: async (address) => {
        const dependency = connect(address);
        const query = () => dependency.db.raw("SHOW transaction_read_only");
        const expect = ({ rows }: Awaited<ReturnType<typeof query>>) => rows[0].transaction_read_only === "off";
        return { ...dependency, check: (schedule) => sql(query, { ...schedule, expect }) };
      },
      inject: ({ server }) => setReadOnly(server, true),
      heal: ({ server }) => setReadOnly(server, false),
    },
    // Knex says that its pool is full once acquireConnectionTimeout has passed: here it is shorter than the check's.
    "pool exhausted": {
      errorTypes: ["pool_exhausted"],
      connect: async (address) => connect(address, {}, { acquireConnectionTimeout: 200 }),
      inject: async ({ dependency: { db } }) => {
        held.set(db, await Promise.all([db.transaction(), db.transaction(), db.transaction()]));
      },
      heal: async ({ dependency: { db } }) => {
        for (const transaction of held.get(db) ?? []) await transaction.rollback();
      },
    },
    "DNS gone": { errorTypes: ["ENOTFOUND"] },
    // The client asks for TLS in PostgreSQL's own words, so that the server's own TLS is used.
    "TLS expired": {
      errorTypes: ["CERT_HAS_EXPIRED"],
      fault: "persistent",
      connect: async (address, server) => {
        await server.present(certificate("valid"));
        return connect(address, { ssl: { ca: authority, servername: "localhost" } });
      },
      inject: async ({ server }) => {
        await server.present(certificate("expired"));
        await server.query(cutOff);
      },
      heal: ({ server }) => server.present(certificate("valid")),
    },
  },
};

export const subjects: readonly Subject[] = [subject(overKnex)];
