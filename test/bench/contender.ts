import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Answers } from "./answer-parent.ts";

interface Message {
  readonly id?: number;
  readonly answer?: unknown;
  readonly failure?: string;
}

/** Nothing that a contender is asked takes longer, milliseconds. */
const answerWithinMs = 120_000;

/** A process of its own, which answers questions; its types are those of the answers that its file gives. */
export class Contender<A extends Answers> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #open = new Map<number | undefined, PromiseWithResolvers<unknown>>();
  #asked = 0;

  private constructor(child: ChildProcess, file: string) {
    this.#child = child;
    child.on("message", (message: Message) => {
      const open = this.#open.get(message.id);
      this.#open.delete(message.id);
      if (message.failure === undefined) open?.resolve(message.answer);
      else open?.reject(new Error(`${file} failed: ${message.failure}`));
    });
    child.on("exit", (code, signal) => {
      for (const open of this.#open.values()) open.reject(new Error(`${file} ended early with ${signal ?? code}`));
      this.#open.clear();
    });
  }

  /** Starts a file of this folder and resolves when it can be asked. What it prints goes to standard error. */
  static async start<A extends Answers>(file: string, ...args: string[]): Promise<Contender<A>> {
    const { NODE_OPTIONS, ...env } = process.env;
    const child = fork(join(import.meta.dirname, file), args, {
      // A global `gc`, for those that are asked how much they keep.
      execArgv: ["--expose-gc"],
      env: { ...env, NODE_ENV: "production" },
      stdio: ["ignore", 2, 2, "ipc"],
    });
    const contender = new Contender<A>(child, file);
    await contender.#answerTo(undefined);
    return contender;
  }

  async ask<Q extends keyof A & string>(question: Q, ...given: Parameters<A[Q]>): Promise<Awaited<ReturnType<A[Q]>>> {
    const id = ++this.#asked;
    const answer = this.#answerTo(id);
    this.#child.send({ id, question, given });
    return (await answer) as Awaited<ReturnType<A[Q]>>;
  }

  async #answerTo(id: number | undefined): Promise<unknown> {
    const open = Promise.withResolvers<unknown>();
    this.#open.set(id, open);
    const late = setTimeout(() => open.reject(new Error(`no answer within ${answerWithinMs} ms`)), answerWithinMs);
    try {
      return await open.promise;
    } finally {
      clearTimeout(late);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }
}

/** What was done, the CPU that the contender used meanwhile, and for how long. */
export interface Metered<T> {
  readonly cpuUs: number;
  readonly ms: number;
  readonly done: T;
}

/** Reads a contender's CPU before and after some work, wherever that is done. */
export async function meterCpu<T>(
  contender: Contender<{ readonly cpuUs: () => number }>,
  work: () => Promise<T>,
): Promise<Metered<T>> {
  const before = await contender.ask("cpuUs");
  const began = performance.now();
  const done = await work();
  const ms = performance.now() - began;
  return { cpuUs: (await contender.ask("cpuUs")) - before, ms, done };
}
