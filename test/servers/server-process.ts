import { readFileSync } from "node:fs";
import { Child, type ChildOptions, type StopOptions, until } from "@otel-health/testkit";
import { runs } from "./suspend.ts";

/** How a server is started, and known to be up. */
export interface ServerProcessOptions extends Omit<ChildOptions, "cwd"> {
  readonly name: string;
  /** Returns when it answers; throws or returns false while it does not. */
  readonly isUp: () => unknown;
  /** What ends it in good order; default SIGTERM, and SIGKILL 10 s later. */
  readonly stop?: StopOptions;
}

/** A real server as a process of ours, which can be ended, started again with the same data, and stopped in its tracks. */
export class ServerProcess implements AsyncDisposable {
  readonly #options: ServerProcessOptions;
  #child: Child | undefined;

  constructor(options: ServerProcessOptions) {
    this.#options = options;
  }

  get output(): string {
    return this.#child?.output ?? "";
  }

  /** Starts it and resolves when it answers; where it does not, it is ended again. */
  async start(): Promise<void> {
    const { name, isUp, ...command } = this.#options;
    const child = new Child(mortal(command));
    this.#child = child;
    try {
      await until(async () => (await isUp()) !== false, {
        describe: () => `${name} answers: ${child.output}`,
        timeoutMs: 30_000,
      });
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Ends it; whoever is connected is cut off. */
  async stop(options: StopOptions = this.#options.stop ?? { timeoutMs: 10_000 }): Promise<void> {
    await this.#child?.stop(options);
    this.#child = undefined;
  }

  /** SIGSTOP to it and its children: connections are accepted by the kernel, and nobody answers. */
  pause(): void {
    this.#signal("SIGSTOP");
    // The signal is on its way for a moment, in which a thread may answer still.
    const pid = this.#child?.pid;
    while (pid !== undefined && family(pid).some(runs)) {}
  }

  /** Lets it go on. */
  resume(): void {
    this.#signal("SIGCONT");
  }

  /**
   * SIGHUP to it alone, at which many a server reads its settings again. Resolves once it has said one more line that
   * matches, which is when it has; does nothing where it does not run.
   */
  async reload(done: RegExp): Promise<void> {
    const { name } = this.#options;
    const child = this.#child;
    if (child?.pid === undefined) return;
    const times = () => child.output.split("\n").filter((line) => done.test(line)).length;
    const before = times();
    process.kill(child.pid, "SIGHUP");
    await until(() => times() > before, { describe: () => `${name} has read its settings: ${child.output}` });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.resume();
    await this.stop();
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    for (const each of pid === undefined ? [] : family(pid)) {
      try {
        process.kill(each, signal);
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}

/** Ends with this process, also where that is killed; what gives up root by itself afterwards outlives it all the same. */
function mortal({ command, args = [], ...more }: ChildOptions): ChildOptions {
  if (process.platform !== "linux" || command === "setpriv") return { command, args, ...more };
  return { command: "setpriv", args: ["--pdeathsig=TERM", command, ...args], ...more };
}

/** A process and all its descendants, as the kernel lists them. */
function family(pid: number): readonly number[] {
  let children = "";
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  } catch {
    // It is gone, and has none.
  }
  return [
    pid,
    ...children
      .split(" ")
      .filter(Boolean)
      .flatMap((child) => family(Number(child))),
  ];
}
