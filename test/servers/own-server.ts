import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "@otel-health/testkit";
import { ServerProcess } from "./server-process.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** How one is started. */
export interface OwnServerOptions<S extends object> {
  /** A file of this folder, which is given a port and the file of its settings, as JSON. */
  readonly script: string;
  /** What it reads again whenever it matters, so that a test can change it. */
  readonly settings: S;
  /** Default: it accepts a connection. */
  readonly isUp?: (port: number) => Promise<boolean>;
}

/** A server that is ours, in a process of its own so that it can be stopped in its tracks. */
export class OwnServer<S extends object> extends ServerProcess {
  readonly port: number;
  readonly #folder: TemporaryFolder;
  #settings: S;

  constructor({ script, settings, isUp = accepts }: OwnServerOptions<S>, port: number, folder: TemporaryFolder) {
    super({
      name: script,
      command: process.execPath,
      args: [join(import.meta.dirname, script), String(port), fileIn(folder)],
      isUp: () => isUp(port),
    });
    this.port = port;
    this.#folder = folder;
    this.#settings = settings;
    this.set({});
  }

  /** Changes the settings that are given, and leaves the others as they are. */
  set(changes: Partial<S>): void {
    this.#settings = { ...this.#settings, ...changes };
    writeFileSync(fileIn(this.#folder), JSON.stringify(this.#settings));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Starts one and resolves when it is up. */
export async function startOwnServer<S extends object>(options: OwnServerOptions<S>): Promise<OwnServer<S>> {
  const server = new OwnServer(options, await freePort(), await temporaryFolder("own-server"));
  try {
    await server.start();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

function fileIn({ path }: TemporaryFolder): string {
  return `${path}/settings.json`;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
