import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { freePort } from "@otel-health/testkit";
import { connectAsync } from "mqtt";
import { ServerProcess } from "./server-process.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** The programs that `startMosquitto` runs, for `missing()`. */
export const mosquittoPrograms: readonly string[] = ["mosquitto", "mosquitto_passwd"];

/** A real Mosquitto on loopback, with one user. */
export class Mosquitto extends ServerProcess {
  readonly port: number;
  readonly #folder: TemporaryFolder;
  #password = "right";

  constructor(port: number, folder: TemporaryFolder) {
    super({
      name: "Mosquitto",
      command: "mosquitto",
      args: ["-c", `${folder.path}/mosquitto.conf`],
      isUp: async () => {
        const options = { host: "127.0.0.1", port, username: "app", password: this.#password, reconnectPeriod: 0 };
        await (await connectAsync({ ...options, connectTimeout: 1_000 })).endAsync();
      },
    });
    this.port = port;
    this.#folder = folder;
  }

  /** Of the user `app`; whoever is connected with another is cut off. */
  async setPassword(password: string): Promise<void> {
    this.#password = password;
    const { path } = this.#folder;
    await promisify(execFile)("mosquitto_passwd", ["-c", "-b", `${path}/passwords`, "app", password]);
    await this.reload(/Reloading config/);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Starts one that knows of nothing yet. */
export async function startMosquitto(): Promise<Mosquitto> {
  const folder = await temporaryFolder("mosquitto");
  const mosquitto = new Mosquitto(await freePort(), folder);
  const config = `listener ${mosquitto.port} 127.0.0.1\nallow_anonymous false\npassword_file ${folder.path}/passwords\n`;
  try {
    // As root it would become the user of its package, which may read neither.
    await writeFile(`${folder.path}/mosquitto.conf`, `${config}${process.getuid?.() === 0 ? "user root\n" : ""}`);
    await mosquitto.setPassword("right");
    await mosquitto.start();
    return mosquitto;
  } catch (error) {
    await mosquitto[Symbol.asyncDispose]();
    throw error;
  }
}
