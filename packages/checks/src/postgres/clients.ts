/** A query of `pg`, whose rows are lists of texts whatever the client was configured to make of them. */
export interface PgQuery {
  readonly text: string;
  readonly rowMode: "array";
  readonly types: { readonly getTypeParser: () => (text: string) => string };
}

/** What a query resolves to in `pg`. */
export interface PgResult {
  readonly rows: readonly unknown[];
}

/** A connection that a pool of `pg` lends. */
export interface PgPoolClient {
  query(query: PgQuery): Promise<PgResult>;
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
  query(query: PgQuery): Promise<PgResult>;
  end(): Promise<unknown>;
  escapeIdentifier(text: string): string;
}

/** What is used of what the function that `postgres` exports returns. */
export interface PostgresSql {
  unsafe(query: string): {
    /** Resolves to rows that are lists of bytes, whatever the client was configured to make of them. */
    raw(): PromiseLike<readonly unknown[]>;
  };
  end(): Promise<unknown>;
}
