import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "@otel-health/testkit";
import { AckPolicy, connect, type JetStreamClient, type JetStreamManager, type StreamConfig } from "nats";
import { ServerProcess } from "./server-process.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** What can be changed of a {@link Nats} while it runs. */
export interface NatsSettings {
  /** Of the user `app`. */
  readonly password: string;
  /** What it shows to clients that want TLS. */
  readonly certificate: "valid" | "expired";
}

/**
 * A real NATS server on loopback with JetStream. The user `app` may do anything; `poor` may not ask JetStream; `plain` is of
 * an account without it. TLS is there for those who want it.
 */
export class Nats extends ServerProcess {
  readonly port: number;
  readonly #folder: TemporaryFolder;
  #settings: NatsSettings = { password: "right", certificate: "valid" };

  constructor(port: number, folder: TemporaryFolder) {
    super({
      name: "NATS",
      command: "nats-server",
      args: ["-c", `${folder.path}/nats.conf`],
      isUp: async () => {
        const connection = await connect({ port, user: "plain", pass: "right", reconnect: false, tls: null });
        await connection.close();
      },
    });
    this.port = port;
    this.#folder = folder;
  }

  /** Takes over settings, also while it runs, and resolves when it has; those who are connected with an old password are cut off. */
  async set(changes: Partial<NatsSettings>): Promise<void> {
    this.#settings = { ...this.#settings, ...changes };
    const { password, certificate } = this.#settings;
    const certificates = join(import.meta.dirname, "../faults/certificates");
    await writeFile(
      `${this.#folder.path}/nats.conf`,
      `listen: "127.0.0.1:${this.port}"
allow_non_tls: true
tls { cert_file: "${certificates}/${certificate}.pem", key_file: "${certificates}/server-key.pem" }
jetstream { store_dir: "${this.#folder.path}/data" }
accounts {
  APP {
    jetstream: enabled
    users: [
      { user: app, password: ${password} }
      { user: poor, password: right, permissions { publish { deny: "$JS.>" } } }
    ]
  }
  PLAIN { users: [{ user: plain, password: right }] }
}
`,
    );
    // Before that it may refuse who is right, or lose who is connecting.
    await this.reload(/Reloaded server configuration/);
  }

  /** A stream of that name and of one subject, which has that name too. */
  async createStream(name: string, config: Partial<StreamConfig> = {}): Promise<void> {
    await this.#ask((manager) => manager.streams.add({ name, subjects: [name], ...config } as StreamConfig));
  }

  async createConsumer(stream: string, name: string): Promise<void> {
    await this.#ask((manager) => manager.consumers.add(stream, { durable_name: name, ack_policy: AckPolicy.Explicit }));
  }

  async publish(subject: string): Promise<void> {
    await this.#ask((_manager, client) => client.publish(subject));
  }

  async purge(stream: string): Promise<void> {
    await this.#ask((manager) => manager.streams.purge(stream));
  }

  /** Directly, past whatever stands between it and the service. */
  async #ask(question: (manager: JetStreamManager, client: JetStreamClient) => Promise<unknown>): Promise<void> {
    const { password: pass } = this.#settings;
    const connection = await connect({ port: this.port, user: "app", pass, reconnect: false, tls: null });
    try {
      await question(await connection.jetstreamManager(), connection.jetstream());
    } finally {
      await connection.close();
    }
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Starts one with nothing in it. */
export async function startNats(): Promise<Nats> {
  const nats = new Nats(await freePort(), await temporaryFolder("nats"));
  try {
    await nats.set({});
    await nats.start();
    return nats;
  } catch (error) {
    await nats[Symbol.asyncDispose]();
    throw error;
  }
}
