import { freePort } from "@otel-health/testkit";
import { Etcd3 } from "etcd3";
import { ServerProcess } from "./server-process.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** The programs that these run, for `missing()`. */
export const etcdPrograms: readonly string[] = ["etcd"];

interface Ports {
  readonly client: number;
  readonly peer: number;
}

/** A real member of etcd on loopback, which can be ended and started again. */
export class Etcd extends ServerProcess {
  readonly port: number;
  readonly #folder: TemporaryFolder;

  constructor(name: string, { client, peer }: Ports, cluster: string, folder: TemporaryFolder, isUp: () => unknown) {
    const own = `http://127.0.0.1:${client}`;
    const peers = `http://127.0.0.1:${peer}`;
    const urls = ["--listen-client-urls", own, "--advertise-client-urls", own];
    const peerUrls = ["--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers];
    const timing = ["--heartbeat-interval", "50", "--election-timeout", "500"];
    super({
      name: "etcd",
      command: "etcd",
      args: [
        "--name",
        name,
        "--data-dir",
        `${folder.path}/data`,
        ...urls,
        ...peerUrls,
        "--initial-cluster",
        cluster,
        ...timing,
      ],
      isUp,
    });
    this.port = client;
    this.#folder = folder;
  }

  /** Asks it directly, past whatever stands between it and the service. */
  async ask<T>(question: (client: Etcd3) => Promise<T>, auth?: { username: string; password: string }): Promise<T> {
    const client = new Etcd3({ hosts: `http://127.0.0.1:${this.port}`, ...(auth !== undefined && { auth }) });
    try {
      return await question(client);
    } finally {
      client.close();
    }
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Starts a cluster of so many members, and waits until each knows of a leader. */
export async function startEtcd(count = 1): Promise<readonly Etcd[]> {
  const ports: Ports[] = [];
  for (let i = 0; i < count; i++) ports.push({ client: await freePort(), peer: await freePort() });
  const cluster = ports.map(({ peer }, i) => `m${i}=http://127.0.0.1:${peer}`).join(",");
  const members: Etcd[] = [];
  for (const [i, each] of ports.entries()) {
    const isUp = async () => (await fetch(`http://127.0.0.1:${each.client}/health`)).ok;
    members.push(new Etcd(`m${i}`, each, cluster, await temporaryFolder("etcd"), isUp));
  }
  try {
    await Promise.all(members.map((member) => member.start()));
    return members;
  } catch (error) {
    for (const member of members) await member[Symbol.asyncDispose]();
    throw error;
  }
}
