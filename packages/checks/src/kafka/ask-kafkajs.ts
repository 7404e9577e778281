import type { Outcome } from "@otel-health/core";
import type { KafkaAdmin } from "./clients.ts";
import { judgeCluster, judgeTopics } from "./judge-cluster.ts";
import { judgeLag } from "./judge-lag.ts";

/** What is wanted of a cluster. */
export interface Wanted {
  readonly topics: readonly string[];
  readonly group: { readonly id: string; readonly maxLag: number } | undefined;
}

/**
 * All topics are asked for: a broker that may create topics would create one that is asked for by its name and missing.
 */
export async function askKafkajs(admin: KafkaAdmin, { topics, group }: Wanted): Promise<Outcome | undefined> {
  const cluster = judgeCluster(await admin.describeCluster());
  if (cluster !== undefined) return cluster;
  const judged = topics.length > 0 ? judgeTopics(await admin.fetchTopicMetadata(), topics) : undefined;
  if (judged?.status === "fail" || group === undefined) return judged;
  return (await askLag(admin, topics, group)) ?? judged;
}

async function askLag(
  admin: KafkaAdmin,
  topics: readonly string[],
  { id, maxLag }: NonNullable<Wanted["group"]>,
): Promise<Outcome | undefined> {
  const committed = await admin.fetchOffsets({ groupId: id, topics: [...topics] });
  if (!Array.isArray(committed)) throw new Error("the answer is not what Kafka says of a group");
  const progress = committed.map(async ({ topic, partitions }) => ({
    committed: partitions,
    written: await admin.fetchTopicOffsets(topic),
  }));
  return judgeLag(await Promise.all(progress), id, maxLag);
}
