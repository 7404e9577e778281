import { brokenRequest } from "./broken-request.ts";
import type { Random } from "./random.ts";
import { randomRequest } from "./random-request.ts";

/** What a client says on one connection, and how it leaves. */
export interface Conversation {
  /** Requests that keep to HTTP, sent all at once. */
  readonly wellFormed: string;
  /** How many those are. */
  readonly count: number;
  /** Bytes that do not, if any: what is not answered by then may be lost to them. */
  readonly broken: string;
  /**
   * `asks`: by a last request with `Connection: close`; `waits`: for all answers, before it says what is broken and ends
   * its side; `ends` its side at once, with everything said; `aborts` then, with answers on their way.
   */
  readonly leaves: "asks" | "waits" | "ends" | "aborts";
}

const last = "GET /livez HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n";

/** Up to 120 requests in a row; a broken one is the last. */
export function randomConversation(random: Random): Conversation {
  const most = 1 + random.below(120);
  const patient = random.chance(0.8);
  const early = random.pick(["ends", "ends", "aborts"] as const);
  let wellFormed = "";
  for (let count = 0; count < most; count++) {
    if (random.chance(0.02))
      return { wellFormed, count, broken: brokenRequest(random), leaves: patient ? "waits" : early };
    wellFormed += randomRequest(random);
  }
  if (!patient) return { wellFormed, count: most, broken: "", leaves: early };
  return { wellFormed: wellFormed + last, count: most + 1, broken: "", leaves: "asks" };
}
