import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { createInterface } from "node:readline";

/** Says which line is meant. */
export type LineMatcher = RegExp | ((line: string) => boolean);

/** What to run, for {@link startChild}. */
export interface ChildOptions {
  /** For Node itself `process.execPath`: a bare `node` may be another version. */
  readonly command: string;
  readonly args?: readonly string[];
  /** The whole environment. Default: this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string | URL;
}

/** How a process ended: one of the two is not null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A real process, started by its construction, and its lines. Its stdin is a pipe that ends when this process dies. */
export class Child implements AsyncDisposable {
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  /** Resolves, never rejects, when the process has ended and its output is complete. */
  readonly exited: Promise<Exit>;
  readonly #command: string;
  readonly #output: string[] = [];
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #events = new EventEmitter<{ line: [string] }>().setMaxListeners(0);

  constructor({ command, args = [], env, cwd }: ChildOptions) {
    this.#command = [command, ...args].join(" ");
    this.#process = spawn(command, args, { env, cwd });
    this.exited = new Promise((resolve) => this.#process.once("close", (code, signal) => resolve({ code, signal })));
    // A command that does not exist: "close" follows, so the reason is kept where its output would be.
    this.#process.on("error", (error) => this.#output.push(error.message));
    // A write to a process that is gone is of no interest: `exited` says so.
    this.#process.stdin.on("error", () => {});
    for (const name of ["stdout", "stderr"] as const) {
      createInterface(this.#process[name]).on("line", (line) => {
        this[name].push(line);
        this.#output.push(line);
        this.#events.emit("line", line);
      });
    }
  }

  /** All lines so far, of stdout and stderr in the order in which they came. */
  get output(): string {
    return this.#output.join("\n");
  }

  /** Undefined when the process could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves to the first line, past or future, of stdout or stderr that matches; rejects if the process ends first. */
  async waitForLine(
    matches: LineMatcher,
    { timeoutMs = 20_000 }: { readonly timeoutMs?: number } = {},
  ): Promise<string> {
    const isMatch = typeof matches === "function" ? matches : (line: string) => matches.test(line);
    const past = this.#output.find(isMatch);
    if (past !== undefined) return past;

    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const fail = (why: string) =>
      reject(
        new Error(`${this.#command}: ${why} before ${matches}; last output:\n${this.#output.slice(-20).join("\n")}`),
      );
    const onLine = (line: string) => {
      if (isMatch(line)) resolve(line);
    };
    this.#events.on("line", onLine);
    const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
    void this.exited.then(({ code, signal }) => fail(`exited with ${signal ?? code}`));
    return promise.finally(() => {
      clearTimeout(timer);
      this.#events.off("line", onLine);
    });
  }

  /** Writes a line to the process's stdin. */
  sendLine(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** Ends the process's stdin, as this process's death would. */
  endInput(): void {
    this.#process.stdin.end();
  }

  /** Sends `signal`, and SIGKILL when the process has not ended `timeoutMs` (default 5000) later. */
  async stop({ signal = "SIGTERM", timeoutMs = 5000 }: StopOptions = {}): Promise<Exit> {
    this.#process.kill(signal);
    const timer = setTimeout(() => {
      this.#process.kill("SIGKILL");
      // A grandchild may hold these open, and "close" would wait for it.
      this.#process.stdout.destroy();
      this.#process.stderr.destroy();
    }, timeoutMs);
    return this.exited.finally(() => clearTimeout(timer));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Options of {@link Child.stop}. */
export interface StopOptions {
  /** Default SIGTERM. */
  readonly signal?: NodeJS.Signals;
  /** Default 5000. */
  readonly timeoutMs?: number;
}
