export { type SqlOptions, type SqlQuery, sql } from "./sql.ts";
