import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CheckReport, Report } from "@otel-health/core";
import { type Child, kubeProbe, startChild, until } from "@otel-health/testkit";
import type { Told } from "./frozen-server.ts";

/** What one request was answered. */
export interface Answer {
  readonly status: number | undefined;
  readonly report: Report;
  /** The one check's part of it. */
  readonly dependency: CheckReport & { readonly checkedAtMs: number };
}

/** What came of a gap. */
export interface Thawed {
  readonly thawedAt: number;
  readonly answer: Answer;
}

/** A child process that the test freezes between requests, as a serverless platform does. */
export class FrozenProcess implements AsyncDisposable {
  readonly #child: Child;
  readonly #port: number;

  private constructor(child: Child) {
    this.#child = child;
    this.#port = JSON.parse(child.stdout[0] ?? "").port;
  }

  static async start(told: Told): Promise<FrozenProcess> {
    const child = await startChild({
      command: process.execPath,
      args: [join(import.meta.dirname, "frozen-server.ts"), JSON.stringify(told)],
      ready: /port/,
    });
    return new FrozenProcess(child);
  }

  /** Leads it through its life. */
  async tell(command: "start" | "drain" | "stop"): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/${command}`, { method: "POST" });
    if (response.status !== 204) throw new Error(`${command}: ${response.status}`);
  }

  async ask(path: string): Promise<Answer> {
    const { status, body, error } = await kubeProbe(`http://127.0.0.1:${this.#port}${path}`, { timeoutMs: 20_000 });
    if (error !== undefined) throw new Error(`${path}: ${error}; it said: ${this.#child.output}`);
    const report: Report = JSON.parse(body);
    const dependency = report.checks?.["dependency"] as CheckReport;
    return { status, report, dependency: { ...dependency, checkedAtMs: Date.parse(dependency.checkedAt ?? "") } };
  }

  /**
   * Stops it for at least `gapMs`, with `meanwhile` in between, and lets it go on when a request for `path` has been
   * sent: its answer is the first one after the gap, `thawedAt` (wall time, milliseconds).
   */
  async freeze(gapMs: number, meanwhile: () => Promise<void>, path: string): Promise<Thawed> {
    this.#signal("SIGSTOP");
    const stopped = () => /\) T /.test(readFileSync(`/proc/${this.#child.pid}/stat`, "utf8"));
    await until(stopped, { describe: "the process to be stopped" });
    const stoppedAt = performance.now();
    await meanwhile();
    const elapsed = () => performance.now() - stoppedAt >= gapMs;
    await until(elapsed, { describe: "the gap", timeoutMs: gapMs + 5_000 });
    const asked = this.ask(path);
    const thawedAt = Date.now();
    this.#signal("SIGCONT");
    return { thawedAt, answer: await asked };
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) throw new Error("the process could not be started");
    process.kill(this.#child.pid, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // One that is stopped hears no other signal.
    await this.#child.stop({ signal: "SIGKILL" });
  }
}
