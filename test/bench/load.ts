import { connect } from "node:net";
import { answerParent } from "./answer-parent.ts";

/** A closed loop: each connection asks again as soon as it has its answer. */
export interface Load {
  readonly port: number;
  /** Asked in turns. */
  readonly paths: readonly string[];
  readonly connections: number;
  /** No request begins after this many milliseconds … */
  readonly withinMs: number;
  /** … nor after this many requests; default no bound. */
  readonly requests?: number;
}

/** What came of it. */
export interface Loaded {
  readonly requests: number;
  readonly ms: number;
}

/** Questions that the load generator answers. */
export type LoadAnswers = { readonly load: (load: Load) => Promise<Loaded> };

/** Beyond `withinMs`, milliseconds: for the answers under way. */
const graceMs = 10_000;

answerParent({ load: run } satisfies LoadAnswers);

async function run({ port, paths, connections, withinMs, requests = Number.POSITIVE_INFINITY }: Load): Promise<Loaded> {
  const texts = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  const began = performance.now();
  let asked = 0;
  let answered = 0;
  const next = () => {
    if (asked >= requests || performance.now() - began >= withinMs) return undefined;
    return texts[asked++ % texts.length];
  };
  const done = () => void answered++;
  await Promise.all(Array.from({ length: connections }, () => askOverOne(port, next, done, withinMs + graceMs)));
  return { requests: answered, ms: performance.now() - began };
}

/** One keep-alive connection. Rejects for any answer but 200, and where the server falls silent. */
function askOverOne(port: number, next: () => string | undefined, done: () => void, timeoutMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = setTimeout(() => fail(new Error(`no end after ${timeoutMs} ms`)), timeoutMs);
  // The head of an answer until it is whole, then the bytes of its body that are still to come.
  let head = "";
  let missing = -1;
  // One buffer for all reads: a body of a megabyte costs no memory, and bodies need not be looked at.
  const onread = {
    buffer: new Uint8Array(65_536),
    callback(length: number, buffer: Uint8Array) {
      try {
        read(Buffer.from(buffer.buffer, 0, length));
      } catch (error) {
        fail(error);
      }
      return true;
    },
  };
  const socket = connect({ port, host: "127.0.0.1", noDelay: true, onread });
  socket.on("connect", ask);
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the server closed the connection")));

  function read(chunk: Buffer): void {
    let body = chunk.length;
    if (missing < 0) {
      const before = head.length;
      head += chunk.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      body = chunk.length - (end + 4 - before);
      missing = bodyLength(head.slice(0, end));
    }
    missing -= body;
    if (missing < 0) throw new Error("the server sent more than one answer");
    if (missing > 0) return;
    head = "";
    missing = -1;
    done();
    ask();
  }

  function ask(): void {
    const text = next();
    if (text !== undefined) socket.write(text, "latin1");
    else end(resolve);
  }

  function fail(error: unknown): void {
    end(() => reject(error));
  }

  function end(settle: () => void): void {
    clearTimeout(late);
    socket.destroy();
    settle();
  }

  return promise;
}

function bodyLength(head: string): number {
  const length = /^HTTP\/1\.1 200 [\s\S]*\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`not an answer to measure: ${head.slice(0, 200)}`);
  return Number(length);
}
