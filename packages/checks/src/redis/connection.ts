import { has } from "../dependency/demand-client.ts";
import type {
  Ioredis,
  IoredisCluster,
  NodeRedis,
  NodeRedisCluster,
  NodeRedisCommandOptions,
  NodeRedisSentinel,
  RedisEmitter,
} from "./clients.ts";

/**
 * What may be asked through a client now: anything, only what a server answers while it loads, or nothing, since there is
 * no connection (it comes back by itself) or since nobody connects any more.
 */
export type ConnectionState = "ready" | "greeting" | "disconnected" | "closed";

/** A client of either driver, as its check sees it. */
export interface Connection {
  readonly emitter: RedisEmitter;
  readonly isCluster: boolean;
  state(): ConnectionState;
  /** Another one after each reconnection, where commands may be lost with a connection; else always undefined. */
  session(): unknown;
  /** The database that the application's commands are for. */
  database(): number;
  /** The signal takes a command back that was not sent yet, where the driver can do that. */
  send(command: readonly [string, ...string[]], signal: AbortSignal): Promise<unknown>;
}

/** Undefined for what is no client of these drivers. */
export function connectionOf(client: unknown): Connection | undefined {
  if (!has(client, "on", "removeListener", "listenerCount")) return undefined;
  const { status, isOpen, isReady, masters, isCluster } = client as Readonly<Record<string, unknown>>;
  if (typeof status === "string" && has(client, "call", "duplicate", "disconnect"))
    return isCluster === true ? ioredisCluster(client as IoredisCluster) : ioredis(client as Ioredis);
  if (typeof isOpen !== "boolean" || !has(client, "sendCommand", "duplicate")) return undefined;
  if (Array.isArray(masters)) return nodeRedisCluster(client as NodeRedisCluster);
  if (typeof isReady !== "boolean") return undefined;
  return has(client, "getMasterNode") ? nodeRedisSentinel(client as NodeRedisSentinel) : nodeRedis(client as NodeRedis);
}

function ioredis(client: Ioredis): Connection {
  return {
    emitter: client,
    isCluster: false,
    state: () => ioredisState(client.status),
    // It never settles what it sent while it greeted the server, or at all with autoResendUnfulfilledCommands: false.
    session: () => client.stream,
    // A SELECT that is refused while it connects is an event, and the client goes on with database 0.
    database: () => client.condition?.select ?? client.options.db ?? 0,
    send: ([name, ...args]) => client.call(name, ...args),
  };
}

/** It queues what cannot be sent, and cannot take it back: it is asked nothing while it has no connection. */
function ioredisState(status: string): ConnectionState {
  // With "wait" the first command connects.
  if (status === "ready" || status === "wait") return "ready";
  if (status === "end") return "closed";
  // It waits until the server has loaded, and sends an INFO meanwhile.
  return status === "connect" ? "greeting" : "disconnected";
}

function ioredisCluster(client: IoredisCluster): Connection {
  return {
    emitter: client,
    isCluster: true,
    // What is asked of a cluster may be asked of its nodes before all of it is ready.
    state: () => (client.status === "connect" ? "ready" : ioredisState(client.status)),
    session: () => undefined,
    database: () => 0,
    send: ([name, ...args]) => client.call(name, ...args),
  };
}

function nodeRedis(client: NodeRedis): Connection {
  return {
    emitter: client,
    isCluster: false,
    state: () => nodeRedisState(client),
    session: () => undefined,
    // It does not connect where its database is refused.
    database: () => 0,
    send: (command, abortSignal) => client.sendCommand(command, optionsOf(abortSignal)),
  };
}

/** A client may be told to read texts as buffers; what goes with a command comes before that. */
function optionsOf(abortSignal: AbortSignal): NodeRedisCommandOptions {
  return { abortSignal, typeMapping: {} };
}

function nodeRedisState({ isOpen, isReady = isOpen }: { isOpen: boolean; isReady?: boolean }): ConnectionState {
  if (isReady) return "ready";
  return isOpen ? "disconnected" : "closed";
}

function nodeRedisCluster(client: NodeRedisCluster): Connection {
  return {
    emitter: client,
    isCluster: true,
    // It finds its nodes before it sends anything; each has a connection of its own.
    state: () => (client.isOpen ? "ready" : "closed"),
    session: () => undefined,
    database: () => 0,
    send: (command, abortSignal) => client.sendCommand(undefined, true, [...command], optionsOf(abortSignal)),
  };
}

function nodeRedisSentinel(client: NodeRedisSentinel): Connection {
  return {
    emitter: client,
    isCluster: false,
    state: () => nodeRedisState(client),
    session: () => undefined,
    database: () => 0,
    send: (command, abortSignal) => client.sendCommand(false, [...command], optionsOf(abortSignal)),
  };
}
