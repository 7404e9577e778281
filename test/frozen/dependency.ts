import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** A dependency that a test owns: it answers everyone who connects, or lets them wait. */
export class Dependency implements AsyncDisposable {
  /** Connections so far: how often it was asked. */
  asked = 0;
  /** Whether it answers at once. */
  answers = true;
  /** Whether it hangs up on everyone. */
  refuses = false;
  readonly #server: Server;
  readonly #waiting = new Set<Socket>();

  constructor() {
    this.#server = createServer((socket) => {
      this.asked++;
      this.#waiting.add(socket);
      socket.once("close", () => this.#waiting.delete(socket));
      // Who asked may be gone before the answer.
      socket.on("error", () => {});
      if (this.refuses) socket.end();
      else if (this.answers) socket.write("ok");
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many wait for an answer, or have not hung up yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Answers those who wait; what is sent arrives even where they cannot read it now. */
  async answerThose(): Promise<void> {
    await Promise.all(
      Array.from(this.#waiting, (socket) => new Promise((sent) => socket.end("ok", () => sent(undefined)))),
    );
  }

  /** Connections are refused from now on. */
  async die(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#waiting) socket.destroySoon();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.die();
  }
}
