import { untilAborted } from "../dependency/until-aborted.ts";

/**
 * Calls of the file system, one at a time. None can be taken back, and one to a server that is gone (NFS) holds one of
 * Node's four threads for as long as that: another one would not fare better. A run that finds one under way waits for its
 * answer, which is as good as its own.
 */
export class FileCalls<T> {
  #underWay: Promise<T> | undefined;

  /** Settles as the call does, or rejects with the signal's reason. */
  ask(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    this.#underWay ??= call().finally(() => {
      this.#underWay = undefined;
    });
    return untilAborted(signal, this.#underWay);
  }
}
