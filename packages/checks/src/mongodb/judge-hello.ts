import { fail, type Outcome, warn } from "@otel-health/core";

/** What a server has to be. */
export type MongodbRole = "primary" | "secondary" | "any";

/** Judges what a server says of itself; undefined where all is well. Throws for what is no server's. */
export function judgeHello(hello: unknown, role: MongodbRole): Outcome | undefined {
  const { ok, isWritablePrimary, secondary, isreplicaset, arbiterOnly } = (hello ?? {}) as Readonly<
    Record<string, unknown>
  >;
  if (ok !== 1 || typeof isWritablePrimary !== "boolean")
    throw new Error("the server's answer is not what MongoDB would answer");
  if (isreplicaset === true) {
    return fail("the server waits for its replica set to be initiated", {
      errorType: "not_initiated",
      fault: "persistent",
      hint: "run replSetInitiate, or add the server to its replica set",
    });
  }
  if (isWritablePrimary) {
    if (role !== "secondary") return undefined;
    return warn("the server is the primary, not a secondary", {
      hint: "reads load the primary: look at the client's host",
    });
  }
  if (secondary !== true) {
    const what =
      arbiterOnly === true
        ? "is an arbiter, which keeps no data"
        : "neither leads nor follows: it starts, recovers or rolls back";
    return fail(`the server ${what}`, {
      errorType: "not_serving",
      hint: "look at rs.status(), and at the server's log",
    });
  }
  if (role !== "primary") return undefined;
  return fail("the server is a secondary, not the primary", {
    errorType: "not_primary",
    hint: 'give the client all members and the replicaSet, without directConnection; for a client of reads, say role: "secondary"',
  });
}
