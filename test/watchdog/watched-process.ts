import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, kubeProbe, startChild, until } from "@otel-health/testkit";
import type { WatchdogOptions } from "@otel-health/watchdog";

/** Something that the process said on stdout. */
export interface Said {
  readonly event?: string;
  readonly span?: string;
  readonly body?: string;
  readonly severityNumber?: number;
  readonly attributes?: { readonly [name: string]: unknown };
  readonly status?: { readonly code: number };
  readonly traceId?: string;
}

/** Quick enough for a test, and slow enough for a busy machine. */
export const quick: WatchdogOptions = { blockedAfterMs: 600, unreadyAfterMs: 1_200, deadAfterMs: 2_400 };

/** A real process with a watchdog, which a test blocks. */
export class WatchedProcess implements AsyncDisposable {
  readonly child: Child;
  readonly port: number;
  readonly #folder: string;

  private constructor(child: Child, folder: string) {
    this.child = child;
    this.#folder = folder;
    this.port = JSON.parse(child.stdout.find((line) => line.startsWith('{"port"')) ?? "{}").port;
  }

  /** Started by a shell that does `exec`, in which the process is `"$@"`. */
  static async start(options: WatchdogOptions = quick, exec = 'exec "$@"'): Promise<WatchedProcess> {
    const folder = mkdtempSync(join(tmpdir(), "otel-health-watchdog-"));
    execFileSync("mkfifo", [join(folder, "pipe")]);
    const given = JSON.stringify({ terminationLog: join(folder, "termination-log"), folder, ...options });
    const node = [process.execPath, join(import.meta.dirname, "blocking-process.ts"), given];
    const child = { command: "sh", args: ["-c", exec, "sh", ...node], readyTimeoutMs: 60_000 };
    return new WatchedProcess(await startChild({ ...child, ready: /^\{"port"/ }), folder);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error("the process could not be started");
    return this.child.pid;
  }

  /** Blocks the loop, or does what else the process understands. */
  tell(command: string): void {
    this.child.sendLine(command);
  }

  /** Ends a block of any kind. */
  release(way: string): void {
    if (way === "fifo") writeFileSync(join(this.#folder, "pipe"), "tea");
    else this.tell("release");
  }

  /** The answer as `503 unhealthy`; undefined where there was none in time. */
  async ask(path: string, { timeoutMs = 10_000 } = {}): Promise<string | undefined> {
    const { status, body } = await kubeProbe(`http://127.0.0.1:${this.port}${path}`, { timeoutMs });
    return status === undefined || body === "" ? undefined : `${status} ${JSON.parse(body).status}`;
  }

  /** Resolves once the path is answered so. */
  async answers(path: string, wanted: string): Promise<void> {
    const describe = () => `${path} is answered ${wanted}; it said: ${this.child.output}`;
    await until(async () => (await this.ask(path)) === wanted, { describe, timeoutMs: 20_000 });
  }

  /** What it said so far. */
  get said(): readonly Said[] {
    return this.child.stdout.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  }

  /** Resolves to what it says of that kind first. */
  async hears(wanted: (said: Said) => boolean): Promise<Said> {
    const describe = () => `something is said; it said: ${this.child.output}`;
    return await until(() => this.said.find(wanted), { describe, timeoutMs: 60_000 });
  }

  /** The lines of JSON on standard error. */
  get lastWords(): readonly { readonly [key: string]: unknown }[] {
    return this.child.stderr.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  }

  /** Resolves once there is one. */
  async saysLastWords(): Promise<void> {
    await this.child.waitForLine(/^\{.*"severity":"FATAL"/);
  }

  get terminationLog(): string {
    return readFileSync(join(this.#folder, "termination-log"), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // One that is stopped or blocked hears no other signal.
    await this.child.stop({ signal: "SIGKILL" });
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Asks both probes over and over until it is disposed of; keeps each answer that differs from the one before. */
export class Watching implements AsyncDisposable {
  readonly livez: string[] = [];
  readonly readyz: string[] = [];
  readonly #done: Promise<void>;
  #ending = false;

  constructor(watched: WatchedProcess, { everyMs = 20 } = {}) {
    this.#done = this.#watch(watched, everyMs);
  }

  /** Resolves once `seen` has answers enough. */
  async until(seen: readonly string[], count: number): Promise<void> {
    const describe = () => `${count} answers; there were ${seen.join(", ")}`;
    await until(() => seen.length >= count, { describe, timeoutMs: 20_000 });
  }

  async #watch(watched: WatchedProcess, everyMs: number): Promise<void> {
    while (!this.#ending) {
      for (const [path, seen] of [
        ["/livez", this.livez],
        ["/readyz", this.readyz],
      ] as const) {
        const answer = (await watched.ask(path)) ?? "no answer";
        if (answer !== seen.at(-1)) seen.push(answer);
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true;
    await this.#done;
  }
}
