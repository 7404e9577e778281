import type { RunContext } from "@otel-health/core";
import { untilAborted } from "../dependency/until-aborted.ts";

interface Call<T> {
  readonly askedAt: number;
  readonly answer: Promise<T>;
}

/**
 * Calls of the file system, one at a time. None can be taken back, and one to a server that is gone (NFS) holds one of
 * Node's four threads for as long as that: another one would not fare better, and none is ever taken for lost. A run that
 * finds one under way waits for its answer, which is as good as its own unless that took longer than a run may.
 */
export class FileCalls<T> {
  #underWay: Call<T> | undefined;

  /** Settles as the call does, calls again after one that was late, or rejects with the signal's reason. */
  async ask({ signal, clock, timeoutMs }: RunContext, call: () => Promise<T>): Promise<T> {
    for (;;) {
      this.#underWay ??= { askedAt: clock.now(), answer: this.#begin(call) };
      const { askedAt, answer } = this.#underWay;
      const given = await untilAborted(signal, answer);
      if (!(clock.now() - askedAt > timeoutMs)) return given;
    }
  }

  #begin(call: () => Promise<T>): Promise<T> {
    return call().finally(() => {
      this.#underWay = undefined;
    });
  }
}
