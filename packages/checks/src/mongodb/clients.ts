/** What a driver's monitor tells when a server does not answer it. */
export interface HeartbeatFailed {
  readonly failure: unknown;
}

/** What is used of `MongoClient` of `mongodb`. */
export interface MongodbClient {
  db(name: string): {
    command(
      command: { readonly hello: 1 },
      options: { readonly signal: AbortSignal; readonly readPreference: "primary" | "secondary" | "nearest" },
    ): Promise<unknown>;
  };
  on(event: "serverHeartbeatFailed", listener: (event: HeartbeatFailed) => void): unknown;
  removeListener(event: "serverHeartbeatFailed", listener: (event: HeartbeatFailed) => void): unknown;
}
