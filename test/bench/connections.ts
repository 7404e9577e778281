import { connect } from "node:net";
import { answerParent } from "./answer-parent.ts";
import { quantile } from "./spread.ts";

/** What is asked, one request after the other, each on a connection of its own. */
export interface Connections {
  readonly port: number;
  readonly path: string;
  readonly requests: number;
}

/** What came of it. */
export interface Connected {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** For all of them. */
  readonly ms: number;
  /** The last answer, whole. */
  readonly answer: string;
}

/** Questions that the prober answers. */
export type ConnectionsAnswers = { readonly ask: (connections: Connections) => Promise<Connected> };

answerParent({
  async ask({ port, path, requests }) {
    const began = performance.now();
    const durations: number[] = [];
    let answer = "";
    for (let i = 0; i < requests; i++) {
      const before = performance.now();
      answer = await askOnce(port, path);
      durations.push(performance.now() - before);
    }
    const ms = performance.now() - began;
    return { p50Ms: quantile(durations, 0.5), p99Ms: quantile(durations, 0.99), ms, answer };
  },
} satisfies ConnectionsAnswers);

/** As a kubelet does: connect, ask, read to the end. Rejects for any answer but 200. */
function askOnce(port: number, path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ port, host: "127.0.0.1", noDelay: true }).setEncoding("latin1");
  let answer = "";
  socket.on("data", (text) => {
    answer += text;
  });
  socket.on("error", reject);
  socket.on("close", () => {
    if (answer.startsWith("HTTP/1.1 200 ")) resolve(answer);
    else reject(new Error(`not an answer to measure: ${answer.slice(0, 200)}`));
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`, "latin1");
  return promise;
}
