export type { PgClient, PgPool, PgPoolClient, PgResult, PostgresSql } from "./clients.ts";
export { type PostgresClient, type PostgresOptions, type PostgresRole, postgres } from "./postgres.ts";
