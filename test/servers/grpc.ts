import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "@otel-health/testkit";
import { ServerProcess } from "./server-process.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** What a {@link GrpcServer} is like. */
export interface GrpcSettings {
  /** Whether its health service says so. */
  readonly serving: boolean;
  /** What every call has to bring as `authorization`. */
  readonly token: string;
  /** Whether it has a health service, and the services that this knows; taken over when it starts. */
  readonly hasHealth: boolean;
  readonly services: readonly string[];
}

/** A server of `@grpc/grpc-js` in a process of its own. It takes ten streams at a time on a connection. */
export class GrpcServer extends ServerProcess {
  readonly port: number;
  readonly #folder: TemporaryFolder;
  #settings: GrpcSettings = { serving: true, token: "right", hasHealth: true, services: ["", "orders"] };

  constructor(port: number, folder: TemporaryFolder) {
    super({
      name: "gRPC server",
      command: process.execPath,
      args: [join(import.meta.dirname, "grpc-process.ts"), String(port), fileIn(folder)],
      isUp: () => accepts(port),
    });
    this.port = port;
    this.#folder = folder;
    this.set({});
  }

  /** Changes the settings that are given, and leaves the others as they are. */
  set(changes: Partial<GrpcSettings>): void {
    this.#settings = { ...this.#settings, ...changes };
    writeFileSync(fileIn(this.#folder), JSON.stringify(this.#settings));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Starts one that serves. */
export async function startGrpcServer(): Promise<GrpcServer> {
  const server = new GrpcServer(await freePort(), await temporaryFolder("grpc"));
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
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
