/** What a broker says of a queue. */
export interface AmqpQueue {
  /** Messages that are ready, without those that are delivered and not acknowledged yet. */
  readonly messageCount: number;
  readonly consumerCount: number;
}

/** What is used of a channel of `amqplib`. */
export interface AmqpChannel {
  /** Rejects, and closes the channel, where there is no such queue. */
  checkQueue(queue: string): Promise<AmqpQueue>;
  close(): Promise<unknown>;
  on(event: string, listener: () => void): unknown;
}

/** What is used of a connection of `amqplib`, the promise API, with or without its `recovery`. */
export interface AmqpConnection {
  createChannel(): Promise<AmqpChannel>;
  createConfirmChannel(): Promise<AmqpChannel>;
  close(): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: each event has arguments of its own
  on(event: string, listener: (...args: any[]) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: each event has arguments of its own
  removeListener(event: string, listener: (...args: any[]) => void): unknown;
}
