import { fail, type Outcome, warn } from "@otel-health/core";

type Info = Readonly<Record<string, unknown>>;

/** Reads what the API of JetStream has answered. */
export function readInfo(data: Uint8Array): Info {
  const info: unknown = JSON.parse(new TextDecoder().decode(data));
  if (!isRecord(info)) throw new Error("the answer is not what JetStream would answer");
  return info;
}

/** By JetStream's own error codes. */
const refusals: { readonly [code: number]: readonly [errorType: string, hint: string] } = {
  10014: ["consumer_not_found", "there is no such consumer: is its name right, and who creates it?"],
  10039: ["jetstream_disabled", "JetStream is not enabled for this account"],
  10059: ["stream_not_found", "there is no such stream: is its name right, and who creates it?"],
  10076: ["jetstream_disabled", "JetStream is not enabled on this server"],
};

/** Why JetStream refuses to answer; undefined where it does not. */
export function judgeRefusal({ error }: Info): Outcome | undefined {
  if (error === undefined) return undefined;
  const { code, err_code, description } = isRecord(error) ? error : {};
  const message = `JetStream says: ${typeof description === "string" ? description : "an error"}`;
  const [errorType, hint] = refusals[Number(err_code)] ?? [];
  if (errorType !== undefined) return fail(message, { errorType, fault: "fatal", ...(hint !== undefined && { hint }) });
  return fail(message, {
    // Its codes are those of HTTP: 503 where the cluster has no leader.
    errorType: Number.isInteger(code) ? String(code) : "jetstream_error",
    hint: "look at the log of the servers: has the cluster its quorum, and is there space for its streams?",
  });
}

/** Whether a stream is led, has all its replicas and takes messages. */
export function judgeStream(name: string, info: Info): Outcome | undefined {
  const { config, state } = info;
  if (!isRecord(config) || !isRecord(state)) throw new Error("the answer is not what JetStream would answer");
  const { discard, max_msgs, max_bytes } = config;
  const isFull = reached(state["messages"], max_msgs) || reached(state["bytes"], max_bytes);
  if (discard === "new" && isFull) {
    return fail(`the stream ${name} is full, and refuses what is published`, {
      errorType: "stream_full",
      hint: "its consumers are too slow or gone, or its limits are too low; where the oldest may go, let it discard old",
    });
  }
  return judgeReplicas(`the stream ${name}`, info);
}

/** Whether a consumer is led and keeps up. */
export function judgeConsumer(name: string, info: Info, warnPending: number): Outcome | undefined {
  const { num_pending } = info;
  if (typeof num_pending !== "number") throw new Error("the answer is not what JetStream would answer");
  if (num_pending > warnPending) {
    return warn(`${num_pending} messages wait for the consumer ${name}, more than ${warnPending}`, {
      hint: "what consumes it is too slow, hangs or is not running",
    });
  }
  return judgeReplicas(`the consumer ${name}`, info);
}

/** Of a single server there are no replicas, and nobody speaks of them. */
function judgeReplicas(what: string, { cluster }: Info): Outcome | undefined {
  if (!isRecord(cluster)) return undefined;
  const { leader, replicas } = cluster;
  if (typeof leader !== "string" || leader === "") {
    return fail(`${what} has no leader`, {
      errorType: "no_leader",
      hint: "too many of its replicas are gone: are all servers of the cluster up?",
    });
  }
  const all: readonly unknown[] = Array.isArray(replicas) ? replicas : [];
  const missing = all.filter((each) => isRecord(each) && (each["offline"] === true || each["current"] === false));
  if (missing.length === 0) return undefined;
  return warn(`${missing.length} of ${all.length + 1} replicas of ${what} are offline or behind`, {
    hint: "are all servers of the cluster up? With more of them gone it has no leader",
  });
}

function reached(value: unknown, limit: unknown): boolean {
  return typeof value === "number" && typeof limit === "number" && limit > 0 && value >= limit;
}

function isRecord(value: unknown): value is Info {
  return typeof value === "object" && value !== null;
}
