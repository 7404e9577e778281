export type {
  MariadbPool,
  MariadbPoolConnection,
  Mysql2CallbackConnection,
  Mysql2CallbackPool,
  Mysql2Connection,
  Mysql2Pool,
  Mysql2PoolConnection,
  MysqlQuery,
} from "./clients.ts";
export { type MysqlClient, type MysqlOptions, type MysqlRole, mysql } from "./mysql.ts";
