import { fail, type Outcome, warn } from "@otel-health/core";
import type { AmqpQueue } from "./clients.ts";

/** What is wanted of a queue. */
export interface WantedQueue {
  readonly queue: string;
  readonly warnDepth: number;
  readonly failDepth: number;
  readonly minConsumers: number;
}

/** Judges what a broker says of a queue; undefined for one that is as it should be. */
export function judgeQueue(answer: unknown, wanted: WantedQueue): Outcome | undefined {
  const { messageCount: depth, consumerCount: consumers } = (answer ?? {}) as Partial<AmqpQueue>;
  if (typeof depth !== "number" || typeof consumers !== "number")
    throw new Error("the broker's answer is not what AMQP says of a queue");
  const { queue, warnDepth, failDepth, minConsumers } = wanted;
  const hint =
    consumers === 0
      ? "nobody consumes it: are the consumers up, and connected?"
      : "it is filled faster than it is emptied: are the consumers slow, failing, or too few?";
  const deep = (limit: number) => `${depth} messages wait in queue ${queue}, more than ${limit}`;
  if (depth > failDepth) return fail(deep(failDepth), { errorType: "queue_depth", hint });
  if (depth > warnDepth) return warn(deep(warnDepth), { hint });
  if (consumers >= minConsumers) return undefined;
  return warn(`queue ${queue} has ${consumers} consumers, fewer than ${minConsumers}`, {
    hint: "are the consumers up, and connected?",
  });
}
