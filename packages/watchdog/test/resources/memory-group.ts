import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A real control group with a memory limit, and one without inside of it, for as long as it is used. */
export class MemoryGroup implements Disposable {
  readonly folder: string;
  readonly inner: string;

  /** Throws where this process may not make one. */
  constructor(parent: string, limitFile: string, limitBytes: number) {
    this.folder = join(parent, `otel-health-test-${process.pid}`);
    this.inner = join(this.folder, "inner");
    mkdirSync(this.folder);
    try {
      writeFileSync(join(this.folder, limitFile), String(limitBytes));
      mkdirSync(this.inner);
    } catch (error) {
      rmdirSync(this.folder);
      throw error;
    }
  }

  /** A group below this process's own, of whichever version limits memory here; undefined where that cannot be. */
  static make(limitBytes: number): MemoryGroup | undefined {
    try {
      const own = readFileSync("/proc/self/cgroup", "utf8");
      const path1 = /^\d+:(?:.*,)?memory(?:,.*)?:(.*)$/m.exec(own)?.[1];
      if (path1 !== undefined)
        return new MemoryGroup(join("/sys/fs/cgroup/memory", path1), "memory.limit_in_bytes", limitBytes);
      const path2 = join("/sys/fs/cgroup", /^0::(.*)$/m.exec(own)?.[1] ?? "/");
      writeFileSync(join(path2, "cgroup.subtree_control"), "+memory");
      return new MemoryGroup(path2, "memory.max", limitBytes);
    } catch {
      return undefined;
    }
  }

  /** The words before a command that is to run in the group. */
  enter(folder: string = this.folder): readonly string[] {
    return ["sh", "-c", `echo $$ >${folder}/cgroup.procs && exec "$0" "$@"`];
  }

  [Symbol.dispose](): void {
    rmdirSync(this.inner);
    rmdirSync(this.folder);
  }
}
