export type { PgClient, PgPool, PgPoolClient, PgQuery, PgResult, PostgresSql } from "./clients.ts";
export { type PostgresClient, type PostgresOptions, type PostgresRole, postgres } from "./postgres.ts";
