import { freePort, until } from "@otel-health/testkit";
import { Redis as Client } from "ioredis";
import { ServerProcess } from "./server-process.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** The programs that these run, for `missing()`. */
export const redisPrograms: readonly string[] = ["redis-server"];

/** A real Redis on loopback, with a folder of its own, which can be ended and started again. */
export class RedisServer extends ServerProcess {
  readonly port: number;
  readonly folder: TemporaryFolder;

  constructor(port: number, folder: TemporaryFolder, settings: readonly string[]) {
    super({
      name: "Redis",
      command: "redis-server",
      args: ["--bind", "127.0.0.1", "--port", String(port), "--dir", folder.path, "--save", "", ...settings],
      // One that loads is up.
      isUp: () => this.call("PING").catch((error: Error) => /^(LOADING|NOAUTH|MISCONF)/.test(error.message)),
    });
    this.port = port;
    this.folder = folder;
  }

  /** Asks it directly, past whatever stands between it and the service, with a connection for this alone. */
  async call(command: string, ...args: readonly string[]): Promise<unknown> {
    const client = new Client({
      host: "127.0.0.1",
      port: this.port,
      lazyConnect: true,
      enableReadyCheck: false,
      retryStrategy: null,
      disableClientInfo: true,
      commandTimeout: 5_000,
    });
    client.on("error", () => {});
    try {
      return await client.call(command, ...args);
    } finally {
      client.disconnect();
    }
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.folder[Symbol.asyncDispose]();
  }
}

/** Starts one with settings as on its command line: `["--maxmemory", "10mb"]`. */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const server = new RedisServer(await freePort(), await temporaryFolder("redis"), settings);
  try {
    await server.start();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** Starts a replica of another, and waits until it has its data. */
export async function startReplica(primary: RedisServer, settings: readonly string[] = []): Promise<RedisServer> {
  const replica = await startRedis([...settings, "--replicaof", "127.0.0.1", String(primary.port)]);
  await until(async () => String(await replica.call("INFO", "replication")).includes("master_link_status:up"), {
    describe: () => `the replica follows: ${replica.output}`,
    timeoutMs: 20_000,
  });
  return replica;
}
