import { join } from "node:path";
import { type Child, startChild } from "@otel-health/testkit";
import type { Commands } from "./commands.ts";

/** A process of this folder, instrumented as an application's is; its type is that of the commands that it obeys. */
export class Commanded<C extends Commands> implements AsyncDisposable {
  readonly #child: Child;
  #asked = 0;

  constructor(child: Child) {
    this.#child = child;
  }

  /** Resolves to what the command answered; rejects with what it threw. */
  async ask<N extends keyof C & string>(command: N, ...given: Parameters<C[N]>): Promise<Awaited<ReturnType<C[N]>>> {
    const id = ++this.#asked;
    this.#child.sendLine(JSON.stringify({ id, command, given }));
    const line = await this.#child.waitForLine((line) => line.startsWith(`{"id":${id},`), { timeoutMs: 60_000 });
    const { answer, failure } = JSON.parse(line) as { answer: unknown; failure?: string };
    if (failure !== undefined) throw new Error(`${command}: ${failure}`);
    return answer as Awaited<ReturnType<C[N]>>;
  }

  /** All that it said, for errors. */
  get output(): string {
    return this.#child.output;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#child[Symbol.asyncDispose]();
  }
}

/** Starts a process file of this folder with what it is given. */
export async function startCommanded<C extends Commands>(
  file: string,
  given: object,
  env: NodeJS.ProcessEnv = {},
): Promise<Commanded<C>> {
  const hook = join(import.meta.dirname, "../spans/hook.ts");
  const child = await startChild({
    command: process.execPath,
    args: ["--import", hook, join(import.meta.dirname, file), JSON.stringify(given)],
    env: { ...process.env, ...env },
    ready: /^ready$/,
    readyTimeoutMs: 60_000,
  });
  return new Commanded(child);
}
