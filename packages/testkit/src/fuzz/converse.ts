import { connect } from "node:net";
import type { Conversation } from "./conversation.ts";

/** What came of one conversation. */
export interface Heard {
  /** The status of each answer, in order. */
  readonly statuses: readonly number[];
  /** Well-formed requests without an answer for which the client waited. */
  readonly unanswered: number;
  /** Whether a header came that only the client has written, in a URL. */
  readonly injected: boolean;
  /** Whether the server neither answered nor closed for so long that the client gave up. */
  readonly hung: boolean;
}

const longestSilenceMs = 20_000;
/** More than a status line or a header's name can be cut into. */
const kept = 16;

/** Says it, and listens until the connection is closed. */
export function converse(port: number, { wellFormed, count, broken, leaves }: Conversation): Promise<Heard> {
  const { promise, resolve } = Promise.withResolvers<Heard>();
  const statuses: number[] = [];
  let missing = count;
  let injected = false;
  let hung = false;
  let rest = "";
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  const leaveInTime = () => {
    if (leaves === "waits" && missing <= 0 && !socket.writableEnded) socket.end(broken, "latin1");
  };
  socket.on("data", (chunk: string) => {
    const text = rest + chunk;
    let read = 0;
    for (const match of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
      const status = Number(match[1]);
      statuses.push(status);
      // 100 comes before an answer.
      if (status >= 200) missing--;
      read = match.index + match[0].length;
    }
    injected ||= /\nx-evil:/i.test(text);
    rest = text.slice(Math.max(read, text.length - kept));
    leaveInTime();
  });
  socket.setTimeout(longestSilenceMs, () => {
    hung = true;
    socket.destroy();
  });
  // A reset is one way to be let go of: "close" follows.
  socket.on("error", () => {});
  const waited = leaves === "asks" || leaves === "waits";
  socket.once("close", () => resolve({ statuses, unanswered: waited ? Math.max(0, missing) : 0, injected, hung }));
  if (leaves === "ends") socket.end(wellFormed + broken, "latin1");
  else if (leaves === "aborts") socket.write(wellFormed + broken, "latin1", () => socket.resetAndDestroy());
  else socket.write(wellFormed, "latin1", leaveInTime);
  return promise;
}
