import { writeFile } from "node:fs/promises";
import { freePort, until } from "@otel-health/testkit";
import { connect } from "nats";
import { ServerProcess } from "./server-process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Three servers with JetStream, which replicate each other's streams. */
export interface NatsCluster extends AsyncDisposable {
  readonly servers: readonly ServerProcess[];
  readonly ports: readonly number[];
}

/** Starts one and resolves when it has a stream of that name on all three. */
export async function startNatsCluster(stream: string): Promise<NatsCluster> {
  const folder = await temporaryFolder("nats-cluster");
  const ports = [await freePort(), await freePort(), await freePort()];
  const routes = [await freePort(), await freePort(), await freePort()];
  const servers: ServerProcess[] = [];
  const cluster: NatsCluster = {
    servers,
    ports,
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
      await folder[Symbol.asyncDispose]();
    },
  };
  try {
    for (const [i, port] of ports.entries()) {
      const config = `${folder.path}/${i}.conf`;
      const others = routes.map((route) => `"nats://127.0.0.1:${route}"`).join(", ");
      await writeFile(
        config,
        `listen: "127.0.0.1:${port}"
server_name: server-${i}
jetstream { store_dir: "${folder.path}/${i}" }
cluster { name: tested, listen: "127.0.0.1:${routes[i]}", routes: [${others}] }
`,
      );
      const isUp = async () => (await connect({ port, reconnect: false })).close();
      servers.push(new ServerProcess({ name: `NATS ${i}`, command: "nats-server", args: ["-c", config], isUp }));
    }
    await Promise.all(servers.map((server) => server.start()));
    await until(
      async () => {
        const connection = await connect({ port: ports[0] as number, reconnect: false });
        try {
          const manager = await connection.jetstreamManager();
          await manager.streams.add({ name: stream, subjects: [stream], num_replicas: 3 });
          return true;
        } finally {
          await connection.close();
        }
      },
      { describe: () => `the cluster has a leader: ${servers[0]?.output}`, timeoutMs: 30_000, everyMs: 200 },
    );
    return cluster;
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}
