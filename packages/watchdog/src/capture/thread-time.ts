import { join } from "node:path";
import { cpuStatFiles } from "./cpu-stat-files.ts";
import { ProcFile } from "./proc-file.ts";

/** What the kernel says of a thread. Each time is a running total, and absent where the kernel says nothing of it. */
export interface ThreadTime {
  /** On a CPU. */
  readonly onCpuMs?: number;
  /** Ready to run, and waiting for a CPU: others had it, or the quota of the cgroup was used up. */
  readonly queuedMs?: number;
  /** What it is doing now: `R` running or ready, `S` asleep, `D` waiting for a disk, and others. */
  readonly state?: string;
  /**
   * For which its cgroup, and those above it, had used up their quota: added up over all CPUs and cgroups, so more than
   * has passed.
   */
  readonly throttledMs?: number;
}

/**
 * The times of the main thread of this process, which any of its threads may read, by a handful of system calls. On a
 * system without `/proc` nothing is known.
 */
export class MainThreadTimes {
  readonly #schedule: ProcFile;
  readonly #status: ProcFile;
  readonly #quotas: readonly ProcFile[];

  /** `proc` is where `/proc` is mounted, and `pid` the thread that is read: the main thread has the id of its process. */
  constructor(proc: string = "/proc", pid: number = process.pid) {
    const thread = join(proc, "self/task", String(pid));
    this.#schedule = new ProcFile(join(thread, "schedstat"));
    this.#status = new ProcFile(join(thread, "stat"));
    this.#quotas = cpuStatFiles(proc).map((file) => new ProcFile(file));
  }

  /** As they are now. Never throws. */
  read(): ThreadTime {
    const [onCpuNs = 0, queuedNs = 0] = this.#schedule.read().split(" ").map(Number);
    // Whoever asks has run: a kernel that does not count says 0.
    const counts = onCpuNs > 0 && queuedNs >= 0;
    // The name of the program comes before, and may hold parentheses.
    const state = /\) ([A-Za-z]) [^)]*$/.exec(this.#status.read())?.[1];
    const throttled = this.#quotas.map((file) => throttledMs(file.read())).filter((ms) => ms !== undefined);
    return {
      ...(counts && { onCpuMs: onCpuNs / 1_000_000, queuedMs: queuedNs / 1_000_000 }),
      ...(state !== undefined && { state }),
      ...(throttled.length > 0 && { throttledMs: throttled.reduce((sum, ms) => sum + ms, 0) }),
    };
  }

  /** Lets go of the files; called once. */
  close(): void {
    for (const file of [this.#schedule, this.#status, ...this.#quotas]) file.close();
  }
}

/** Nanoseconds in version 1 of cgroups, microseconds in version 2; the root of version 2 has neither. */
function throttledMs(cpuStat: string): number | undefined {
  const [, unit, total] = /^throttled_(time|usec) (\d+)$/m.exec(cpuStat) ?? [];
  if (total === undefined) return undefined;
  return Number(total) / (unit === "time" ? 1_000_000 : 1_000);
}
