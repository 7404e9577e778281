/** A query of either driver, whose rows are objects of texts whatever the client was configured to make of them. */
export interface MysqlQuery {
  readonly sql: string;
  readonly rowsAsArray: false;
  readonly nestTables: false;
  readonly metaAsArray: false;
  readonly typeCast: (field: { string(): string | null }) => string | null;
}

/** A connection that a pool of `mysql2/promise` lends. */
export interface Mysql2PoolConnection {
  query(query: MysqlQuery): Promise<readonly unknown[]>;
  release(): void;
  destroy(): void;
}

/** What is used of a pool of `mysql2/promise`. */
export interface Mysql2Pool {
  getConnection(): Promise<Mysql2PoolConnection>;
  execute(sql: string): Promise<unknown>;
  on(event: "enqueue", listener: () => void): unknown;
  removeListener(event: "enqueue", listener: () => void): unknown;
  readonly pool: { readonly config: { readonly connectionLimit?: number } };
}

/** What is used of a pool of `mysql2`, whose methods take callbacks. */
export interface Mysql2CallbackPool {
  // biome-ignore lint/suspicious/noExplicitAny: a callback of the driver's own types, which is never called from here
  getConnection(callback: (error: any, connection: any) => any): void;
  promise(): Mysql2Pool;
}

/** What is used of a connection of `mysql2/promise`: it does not come back by itself. */
export interface Mysql2Connection {
  query(query: MysqlQuery): Promise<readonly unknown[]>;
  execute(sql: string): Promise<unknown>;
  beginTransaction(): Promise<unknown>;
  destroy(): void;
}

/** What is used of a connection of `mysql2`, whose methods take callbacks. */
export interface Mysql2CallbackConnection {
  // biome-ignore lint/suspicious/noExplicitAny: a callback of the driver's own types, which is never called from here
  beginTransaction(callback: (error: any) => void): void;
  promise(): Mysql2Connection;
}

/** A connection that a pool of `mariadb` lends. */
export interface MariadbPoolConnection {
  query(query: MysqlQuery): Promise<unknown>;
  release(): PromiseLike<void>;
  /** Closes the connection unless it is answered in time. */
  ping(timeoutMs: number): PromiseLike<void>;
  destroy(): void;
}

/** What is used of a pool of `mariadb`, the promise API. */
export interface MariadbPool {
  readonly closed: boolean;
  getConnection(): Promise<MariadbPoolConnection>;
  activeConnections(): number;
  taskQueueSize(): number;
}
