import { until } from "@otel-health/testkit";
import { type RedisServer, startRedis } from "./redis.ts";

/** Primaries that share the slots, without replicas. */
export interface RedisCluster extends AsyncDisposable {
  readonly nodes: readonly RedisServer[];
}

const slots = 16_384;

/** Starts three, lets them meet, and waits until each says that the cluster is up. */
export async function startRedisCluster(settings: readonly string[] = []): Promise<RedisCluster> {
  const nodes: RedisServer[] = [];
  const cluster = {
    nodes,
    async [Symbol.asyncDispose]() {
      for (const node of nodes) await node[Symbol.asyncDispose]();
    },
  };
  try {
    for (let i = 0; i < 3; i++)
      nodes.push(await startRedis(["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", ...settings]));
    const [first] = nodes as [RedisServer];
    for (const [i, node] of nodes.entries()) {
      const from = Math.floor((i * slots) / 3);
      await node.call("CLUSTER", "ADDSLOTSRANGE", String(from), String(Math.floor(((i + 1) * slots) / 3) - 1));
      await node.call("CLUSTER", "SET-CONFIG-EPOCH", String(i + 1));
      if (node !== first) await node.call("CLUSTER", "MEET", "127.0.0.1", String(first.port));
    }
    for (const node of nodes) {
      await until(
        async () => /cluster_state:ok.*cluster_known_nodes:3/s.test(String(await node.call("CLUSTER", "INFO"))),
        {
          describe: () => `the cluster is up: ${node.output}`,
          timeoutMs: 20_000,
        },
      );
    }
    return cluster;
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
}
