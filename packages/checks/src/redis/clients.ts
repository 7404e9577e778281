/** What is used of the emitter that every client is. */
export interface RedisEmitter {
  on(event: string | symbol, listener: (...given: unknown[]) => void): unknown;
  removeListener(event: string | symbol, listener: (...given: unknown[]) => void): unknown;
  listenerCount(event: string): number;
}

/** What is used of `Redis` of `ioredis`, for a server or for what sentinels name. */
export interface Ioredis extends RedisEmitter {
  readonly status: string;
  readonly options: { readonly db?: number };
  /** What it has told the server of the connection; `select` is the database that its commands are for. */
  readonly condition?: { readonly select?: number } | null;
  /** Its socket. */
  readonly stream?: unknown;
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** What is used of `Cluster` of `ioredis`. */
export interface IoredisCluster extends RedisEmitter {
  readonly status: string;
  readonly isCluster: boolean;
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** What `redis` takes beside a command. */
export interface NodeRedisCommandOptions {
  readonly abortSignal?: AbortSignal;
  /** What values become; without an entry a text is a string. */
  readonly typeMapping?: Readonly<Record<number, never>>;
}

/** What is used of what `createClient()` of `redis` returns. */
export interface NodeRedis extends RedisEmitter {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  sendCommand(command: readonly string[], options?: NodeRedisCommandOptions): Promise<unknown>;
}

/** What is used of what `createCluster()` of `redis` returns. */
export interface NodeRedisCluster extends RedisEmitter {
  readonly isOpen: boolean;
  readonly masters: readonly unknown[];
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    command: string[],
    options?: NodeRedisCommandOptions,
  ): Promise<unknown>;
}

/** What is used of what `createSentinel()` of `redis` returns. */
export interface NodeRedisSentinel extends RedisEmitter {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  getMasterNode(): unknown;
  sendCommand(isReadonly: boolean | undefined, command: string[], options?: NodeRedisCommandOptions): Promise<unknown>;
}
