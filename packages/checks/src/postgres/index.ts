export type { PgClient, PgPool, PostgresSql } from "./clients.ts";
export { type PostgresClient, type PostgresOptions, type PostgresRole, postgres } from "./postgres.ts";
