/** What a query resolves to in `pg`. */
export interface PgResult {
  readonly rows: readonly unknown[];
}

/** A connection that a pool of `pg` lends. */
export interface PgPoolClient {
  query(text: string): Promise<PgResult>;
  /** With true the connection is closed and not lent again. */
  release(destroy?: boolean): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
}

/** What is used of `Pool` of `pg`. */
export interface PgPool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  readonly ending: boolean;
  readonly options: { readonly max: number };
  connect(): Promise<PgPoolClient>;
}

/** What is used of `Client` of `pg`: one connection, which does not come back by itself. */
export interface PgClient {
  connect(): Promise<unknown>;
  query(text: string): Promise<PgResult>;
  end(): Promise<unknown>;
  escapeIdentifier(text: string): string;
}

/** What is used of what the function that `postgres` exports returns. */
export interface PostgresSql {
  unsafe(query: string): PromiseLike<readonly unknown[]>;
  end(): Promise<unknown>;
}
