import { type Outcome, warn } from "@otel-health/core";
import type { MemcachedStats } from "./clients.ts";
import type { Refusals } from "./refusals.ts";

/** What one server answered. */
export type ServerAnswer =
  | { readonly server: string; readonly stats: MemcachedStats }
  | { readonly server: string; readonly error: unknown };

/** Judges the answers of `count` servers, of which some may be missing; undefined where all is well. Throws where none is good. */
export function judgeAnswers(answers: readonly ServerAnswer[], count: number, refusals: Refusals): Outcome | undefined {
  const good = answers.filter((answer) => "stats" in answer);
  if (good.length === 0) {
    for (const answer of answers) if ("error" in answer) throw errorOf(answer.error);
    throw new Error("the client has no servers");
  }
  if (good.length < count) {
    return warn(`${count - good.length} of ${count} servers do not answer`, {
      hint: "what they keep is missed until they are back, and asked of whatever stands behind the cache",
    });
  }
  const full = good.filter(({ server, stats }) => refusals.grew(server, stats));
  if (full.length === 0) return undefined;
  return warn(`${full.length} of ${count} servers refuse connections`, {
    hint: "raise the server's limit of connections (-c), or lower the number of clients",
  });
}

/** Some errors of the driver are strings. */
function errorOf(error: unknown): unknown {
  return typeof error === "string" ? new Error(error) : error;
}
