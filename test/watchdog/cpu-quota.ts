import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const periodUs = 100_000;

/** A control group with a quota of CPU, version 1 or 2, for processes of a test. */
export class CpuQuota implements Disposable {
  /** Where a process writes its id to be in it. */
  readonly procs: string;
  readonly #folder: string;
  readonly #isVersion2: boolean = existsSync("/sys/fs/cgroup/cgroup.controllers");

  /** Throws where this process may not make one. */
  constructor() {
    this.#folder = join(this.#isVersion2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu", `otel-health-${process.pid}`);
    this.procs = join(this.#folder, "cgroup.procs");
    mkdirSync(this.#folder);
    try {
      this.set(1);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** From now on its processes have this share of a CPU. */
  set(share: number): void {
    const quotaUs = Math.round(share * periodUs);
    if (this.#isVersion2) {
      this.#write("cpu.max", `${quotaUs} ${periodUs}`);
    } else {
      this.#write("cpu.cfs_period_us", String(periodUs));
      this.#write("cpu.cfs_quota_us", String(quotaUs));
    }
  }

  [Symbol.dispose](): void {
    try {
      rmdirSync(this.#folder);
    } catch {
      // A process that is just ending is still in it. An empty group hurts nobody.
    }
  }

  #write(file: string, text: string): void {
    writeFileSync(join(this.#folder, file), text);
  }
}

/**
 * Whether no such group can be made here, for `describe.skipIf()`, which is said on stderr. It is no failure under CI=true
 * either: a container there may not, whatever is installed in it.
 */
export function quotaIsRefused(): boolean {
  try {
    new CpuQuota()[Symbol.dispose]();
    return false;
  } catch (error) {
    process.stderr.write(
      `\n!!! NOT TRIED: a quota of CPU, since no control group can be made here: ${error}. SKIPPED.\n`,
    );
    return true;
  }
}
