import { readdirSync, readFileSync } from "node:fs";

/** SIGSTOP to a process; returns once it does nothing any more: the signal is on its way for a moment. */
export function suspend(pid: number): void {
  process.kill(pid, "SIGSTOP");
  while (runs(pid)) {}
}

/** Whether a thread of a process can still do something. */
export function runs(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).some((thread) => {
      const status = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
      // Behind the name, which may hold anything: T is stopped, Z and X have ended.
      return !/^[TtZX]/.test(status.slice(status.lastIndexOf(")") + 2));
    });
  } catch {
    // It has ended meanwhile.
    return false;
  }
}
