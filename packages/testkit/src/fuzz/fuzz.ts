import { RawConnection } from "../raw-connection.ts";
import { randomConversation } from "./conversation.ts";
import { converse } from "./converse.ts";
import { Random } from "./random.ts";

/** How much is asked, and what. */
export interface FuzzOptions {
  /** At least so many requests, the broken ones included. */
  readonly requests: number;
  /** A whole number: the same one asks the same, save for the order between connections. */
  readonly seed: number;
}

/** What came of it. */
export interface FuzzResult {
  readonly requests: number;
  readonly connections: number;
  readonly answersByStatus: ReadonlyMap<number, number>;
  /** Requests that keep to HTTP and got no answer, though the client waited. */
  readonly unanswered: number;
  /** Connections on which the server fell silent. */
  readonly hung: number;
  /** Connections on which a header came that only the client has written. */
  readonly injected: number;
  /** Whether `GET /livez` is answered with 200 afterwards. */
  readonly serves: boolean;
  /** What was said, as JSON strings, on the first few connections where one of these or a 5xx other than 503 was seen. */
  readonly suspects: readonly string[];
}

const openAtOnce = 64;
const mostSuspects = 3;

/** Sends random requests to a server of this machine: real ones, some near a probe, and broken ones, pipelined. */
export async function fuzz(port: number, { requests, seed }: FuzzOptions): Promise<FuzzResult> {
  const answersByStatus = new Map<number, number>();
  const suspects: string[] = [];
  let sent = 0;
  let connections = 0;
  let unanswered = 0;
  let hung = 0;
  let injected = 0;

  const converseOn = async () => {
    while (sent < requests) {
      // Each connection has numbers of its own: what it says does not depend on how fast the others are.
      const conversation = randomConversation(new Random(Math.imul(seed, 1_000_003) + connections++));
      sent += conversation.count + Number(conversation.broken !== "");
      const heard = await converse(port, conversation);
      for (const status of heard.statuses) answersByStatus.set(status, (answersByStatus.get(status) ?? 0) + 1);
      unanswered += heard.unanswered;
      hung += Number(heard.hung);
      injected += Number(heard.injected);
      const wrong =
        heard.unanswered > 0 ||
        heard.hung ||
        heard.injected ||
        heard.statuses.some((status) => status >= 500 && status !== 503);
      if (wrong && suspects.length < mostSuspects) suspects.push(JSON.stringify(conversation));
    }
  };
  await Promise.all(Array.from({ length: openAtOnce }, converseOn));

  using connection = new RawConnection(port);
  const { status } = await connection.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").response();
  return { requests: sent, connections, answersByStatus, unanswered, hung, injected, suspects, serves: status === 200 };
}
