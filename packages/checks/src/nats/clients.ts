/** What is used of a connection of `nats`, or of `@nats-io/transport-node`. */
export interface NatsConnection {
  isClosed(): boolean;
  isDraining(): boolean;
  /** Resolves when the connection is closed for good, with why if that was not asked for. */
  // biome-ignore lint/suspicious/noConfusingVoidType: as both drivers declare it
  closed(): Promise<void | Error>;
  /** Rejects at once while there is no connection. */
  rtt(): Promise<number>;
  request(subject: string, payload: string, options: { timeout: number }): Promise<{ readonly data: Uint8Array }>;
  status(): AsyncIterable<{ readonly type: string }>;
}
