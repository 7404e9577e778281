import { writeFile } from "node:fs/promises";
import { freePort } from "@otel-health/testkit";
import type { RedisServer } from "./redis.ts";
import { ServerProcess } from "./server-process.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** A real sentinel that watches one primary under the name `it`, and decides alone. */
export class RedisSentinel extends ServerProcess {
  readonly port: number;
  readonly #folder: TemporaryFolder;

  constructor(port: number, folder: TemporaryFolder) {
    super({
      name: "the sentinel",
      command: "redis-server",
      args: [`${folder.path}/sentinel.conf`, "--sentinel"],
      isUp: () => this.output.includes("+monitor"),
    });
    this.port = port;
    this.#folder = folder;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

export async function startSentinel(primary: RedisServer): Promise<RedisSentinel> {
  const folder = await temporaryFolder("sentinel");
  const port = await freePort();
  const config = [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder.path}`,
    `sentinel monitor it 127.0.0.1 ${primary.port} 1`,
    "sentinel down-after-milliseconds it 500",
    "sentinel failover-timeout it 2000",
  ];
  await writeFile(`${folder.path}/sentinel.conf`, `${config.join("\n")}\n`);
  const sentinel = new RedisSentinel(port, folder);
  try {
    await sentinel.start();
    return sentinel;
  } catch (error) {
    await sentinel[Symbol.asyncDispose]();
    throw error;
  }
}
