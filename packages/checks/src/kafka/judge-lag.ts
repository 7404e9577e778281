import { fail, type Outcome, warn } from "@otel-health/core";
import type { KafkaOffset } from "./clients.ts";

/** What a group has read of a topic, and what is written of it. */
export interface Progress {
  readonly committed: readonly KafkaOffset[];
  readonly written: readonly KafkaOffset[];
}

/** Judges how many messages of its topics a group has not read yet. */
export function judgeLag(progress: readonly Progress[], groupId: string, maxLag: number): Outcome | undefined {
  let lag = 0;
  let partitions = 0;
  for (const { committed, written } of progress) {
    for (const { partition, offset } of committed) {
      const read = offsetOf(offset);
      // Nothing was committed: where its consumers would begin is their own setting.
      if (read < 0) continue;
      const end = written.find((each) => each?.partition === partition);
      if (end === undefined) continue;
      partitions += 1;
      lag += Math.max(0, offsetOf(end.offset) - read);
    }
  }
  if (partitions === 0) {
    return warn(`group ${groupId} has committed nothing, so that its lag is not known`, {
      hint: "has it ever consumed these topics, and is its name right?",
    });
  }
  if (lag <= maxLag) return undefined;
  return fail(`group ${groupId} is ${lag} messages behind, more than ${maxLag}`, {
    errorType: "consumer_lag",
    hint: "are its consumers up, and are they slow, failing, or fewer than the partitions?",
  });
}

function offsetOf(offset: unknown): number {
  const number = typeof offset === "string" && offset !== "" ? Number(offset) : Number.NaN;
  if (!Number.isInteger(number)) throw new Error("the answer is not what Kafka says of offsets");
  return number;
}
