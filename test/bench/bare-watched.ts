import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { answerParent } from "./answer-parent.ts";
import type { ConstantAnswer } from "./constant-server.ts";
import { type WatchedAnswers, watchedAnswers } from "./watched.ts";

const constant: ConstantAnswer = JSON.parse(process.argv[2] as string);

/** The least that a thread can be asked to do: `node:http` without undici, one string, one flat array of headers. */
const thread = `
  const { parentPort, workerData: { rawHeaders, body } } = require("node:worker_threads");
  const server = require("node:http").createServer({ optimizeEmptyRequests: true }, (_request, response) => {
    response.writeHead(200, rawHeaders);
    response.end(body);
  });
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

answerParent({
  ...watchedAnswers,
  async startThread() {
    const [port] = await once(new Worker(thread, { eval: true, workerData: constant }), "message");
    return port;
  },
} satisfies WatchedAnswers);
