import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { freePort } from "@otel-health/testkit";
import { ServerProcess } from "./server-process.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** The programs that these run, for `missing()`. */
export const memcachedPrograms: readonly string[] = ["memcached"];

/** A real memcached on loopback, which can be ended and started again, with other settings as well. */
export class Memcached implements AsyncDisposable {
  readonly port: number;
  readonly #folder: TemporaryFolder;
  #settings: readonly string[];
  #process: ServerProcess | undefined;

  constructor(port: number, folder: TemporaryFolder, settings: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#settings = settings;
  }

  /** Settings are those of its command line; default what they were. */
  async start(settings: readonly string[] = this.#settings): Promise<void> {
    this.#settings = settings;
    const user = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
    this.#process = new ServerProcess({
      name: "memcached",
      command: "memcached",
      args: ["-l", "127.0.0.1", "-p", String(this.port), ...user, ...settings],
      // With -S it looks there for how users may log in. It knows none.
      env: { ...process.env, SASL_CONF_PATH: this.#folder.path },
      isUp: () => this.#listens(),
    });
    await this.#process.start();
  }

  async stop(): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    this.#process = undefined;
  }

  pause(): void {
    this.#process?.pause();
  }

  resume(): void {
    this.#process?.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#folder[Symbol.asyncDispose]();
  }

  async #listens(): Promise<void> {
    const socket = connect(this.port, "127.0.0.1");
    try {
      await once(socket, "connect");
    } finally {
      socket.destroy();
    }
  }
}

export async function startMemcached(settings: readonly string[] = []): Promise<Memcached> {
  const folder = await temporaryFolder("memcached");
  await writeFile(`${folder.path}/memcached.conf`, "mech_list: plain\n");
  const server = new Memcached(await freePort(), folder, settings);
  try {
    await server.start();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}
