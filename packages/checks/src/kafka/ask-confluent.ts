import type { Outcome, RunContext } from "@otel-health/core";
import type { ConfluentKafkaAdmin } from "./clients.ts";
import { judgeTopics, unknownTopics } from "./judge-cluster.ts";

/** Share of a run's time that the client has, so that there is time left to say what it said. */
const waitShare = 0.8;

/**
 * Asks for the names of all topics, which any broker knows, and for more of those that are wanted once all are there: none
 * is asked for by a name that could create it. Each question holds one of the four threads that Node does its file calls
 * and look-ups with, so that it has no longer than the run.
 */
export async function askConfluent(
  admin: ConfluentKafkaAdmin,
  wanted: readonly string[],
  { clock, timeoutMs }: RunContext,
): Promise<Outcome | undefined> {
  const endsAt = clock.now() + waitShare * timeoutMs;
  const left = () => Math.max(1, Math.ceil(endsAt - clock.now()));
  const names = await admin.listTopics({ timeout: left() });
  if (!Array.isArray(names)) throw new Error("the answer is not what Kafka says of topics");
  if (wanted.length === 0) return undefined;
  const missing = unknownTopics(wanted.filter((name) => !names.includes(name)));
  if (missing !== undefined) return missing;
  const answer: unknown = await admin.fetchTopicMetadata({ topics: [...wanted], timeout: left() });
  // That of kafkajs, in a wrapper without its events, has them in an object.
  return judgeTopics(Array.isArray(answer) ? { topics: answer } : answer, wanted);
}
