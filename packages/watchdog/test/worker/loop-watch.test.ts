import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import type { EndedBlock } from "../../src/block/loop-state.ts";
import type { NamedStack, NameStack } from "../../src/block/named-stack.ts";
import type { ThreadTime } from "../../src/capture/thread-time.ts";
import { beatInto } from "../../src/main/heartbeat.ts";
import { type Findings, LoopWatch } from "../../src/worker/loop-watch.ts";
import { pulseWords } from "../../src/worker/probe-work.ts";

const thresholds = { blockedAfterMs: 1_000, unreadyAfterMs: 2_000, deadAfterMs: 5_000, mostPerTickMs: 200 };

/** A watch that ticks every 100 ms of a clock that the test moves, and the thread that it watches. */
class Scene {
  readonly clock: FakeClock = new FakeClock();
  readonly pulse: Int32Array<SharedArrayBuffer> = new Int32Array(
    new SharedArrayBuffer(4 * Object.keys(pulseWords).length),
  );
  readonly watch: LoopWatch;
  readonly ended: (EndedBlock & Findings)[] = [];
  readonly captures: PromiseWithResolvers<NamedStack | undefined>[] = [];
  /** What each of them was given. */
  readonly blockedAt: ((atMs: number) => boolean)[] = [];
  times: Required<Pick<ThreadTime, "onCpuMs" | "queuedMs">> | undefined = { onCpuMs: 0, queuedMs: 0 };
  state: string = "S";
  reads = 0;

  constructor({ captures = true }: { readonly captures?: boolean } = {}) {
    const capture: NameStack = (wasBlockedAt) => {
      this.blockedAt.push(wasBlockedAt);
      const captured = Promise.withResolvers<NamedStack | undefined>();
      this.captures.push(captured);
      return captured.promise;
    };
    this.watch = new LoopWatch({
      clock: this.clock,
      pulse: this.pulse,
      thresholds,
      readTimes: () => {
        this.reads++;
        return this.times === undefined ? {} : { ...this.times, state: this.state };
      },
      capture: captures ? capture : undefined,
      onEnded: (block, findings) => this.ended.push({ ...block, ...findings }),
    });
  }

  beat(): void {
    beatInto(this.pulse, this.clock.now(), 500);
  }

  /** So long, in which the loop does not turn and its thread spends so much of the time running or starved. */
  async silence(ms: number, { ran = 0, starved = 0 } = {}): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      await this.clock.advance(100);
      if (this.times !== undefined) {
        this.times = { onCpuMs: this.times.onCpuMs + 100 * ran, queuedMs: this.times.queuedMs + 100 * starved };
      }
      this.watch.tick();
    }
  }

  /** The loop turns, and the watch sees it. */
  async turn(): Promise<void> {
    this.beat();
    this.watch.tick();
    await this.clock.advance(0);
  }
}

const stack: NamedStack = { stacktrace: "at collect (/app/orders.js:12:3)", functionName: "collect" };

describe("LoopWatch", () => {
  it("knows of no block while the loop turns, and reads nothing of the system", async () => {
    const scene = new Scene();
    for (let i = 0; i < 50; i++) {
      scene.beat();
      expect(scene.watch.look()).toBeUndefined();
      await scene.clock.advance(100);
      scene.beat();
      expect(scene.watch.tick()).toBeUndefined();
    }
    expect(scene.reads).toBe(0);
    expect(scene.captures).toHaveLength(0);
    expect(scene.ended).toEqual([]);
  });

  it("tells of a block when it is over, with the stack that was captured once", async () => {
    const scene = new Scene();
    const since = scene.clock.wallTime();
    await scene.silence(1_000);
    expect(scene.watch.look()).toEqual({ since, stage: "blocked" });
    await scene.silence(1_000);
    expect(scene.watch.look()).toEqual({ since, stage: "unready" });
    expect(scene.watch.stack).toBeUndefined();
    scene.captures[0]?.resolve(stack);
    await scene.silence(3_000);
    expect(scene.watch.stack).toEqual(stack);
    expect(scene.watch.look()).toEqual({ since, stage: "dead" });
    await scene.turn();
    expect(scene.watch.look()).toBeUndefined();
    expect(scene.captures).toHaveLength(1);
    const cause = { cause: "waiting", onCpuMs: 0, starvedMs: 0 };
    expect(scene.ended).toEqual([{ since, silentMs: 5_000, starvedMs: 0, stage: "dead", cause, stack }]);
  });

  it("waits for a stack that comes when the loop turns, and puts it down to its own block", async () => {
    const scene = new Scene();
    await scene.silence(1_000);
    await scene.turn();
    await scene.silence(1_500);
    await scene.turn();
    expect(scene.captures).toHaveLength(2);
    expect(scene.ended).toEqual([]);
    scene.captures[1]?.resolve(undefined);
    await scene.clock.advance(0);
    scene.captures[0]?.resolve(stack);
    await scene.clock.advance(0);
    expect(scene.ended.map(({ silentMs, stack }) => [silentMs, stack])).toEqual([
      [1_500, undefined],
      [1_000, stack],
    ]);
    expect(scene.watch.stack).toBeUndefined();
  });

  it.each([
    ["running", { ran: 0.9, starved: 0.05 }],
    ["waiting", { ran: 0.1, starved: 0.1 }],
    ["starved", { ran: 0.2, starved: 0.6 }],
  ])("says that the thread was %s", async (cause, share) => {
    const scene = new Scene({ captures: false });
    await scene.silence(1_500, share);
    await scene.turn();
    expect(scene.ended).toMatchObject([{ cause: { cause } }]);
    // What was before does not count for the next.
    await scene.silence(3_000, { ran: 1 });
    await scene.turn();
    expect(scene.ended[1]).toMatchObject({ cause: { cause: "running" }, starvedMs: 0 });
  });

  it("does not know the cause where the system tells nothing, and takes the loop for dead in time all the same", async () => {
    const scene = new Scene({ captures: false });
    scene.times = undefined;
    await scene.silence(5_000);
    expect(scene.watch.look()).toMatchObject({ stage: "dead" });
    await scene.turn();
    expect(scene.ended).toMatchObject([{ cause: { cause: "unknown" }, stack: undefined }]);
  });

  it("never takes a loop for dead that is starved, and asks often enough to know", async () => {
    const scene = new Scene({ captures: false });
    for (let i = 0; i < 200; i++) {
      await scene.silence(100, { starved: 0.95 });
      for (let request = 0; request < 50; request++) expect(scene.watch.look()?.stage).not.toBe("dead");
    }
    expect(scene.watch.look()?.stage).toBe("unready");
    await scene.turn();
    expect(scene.ended).toMatchObject([{ stage: "unready", cause: { cause: "starved" } }]);
  });

  it("knows of what moment a stack is: of the block, or of what came after it", async () => {
    const scene = new Scene();
    await scene.silence(1_500);
    const [wasBlockedAt = () => false] = scene.blockedAt;
    const during = scene.clock.now();
    expect(wasBlockedAt(during)).toBe(true);
    // It turns, and beats on before anyone looks.
    await scene.clock.advance(50);
    const turnedAt = scene.clock.now();
    scene.beat();
    await scene.clock.advance(100);
    scene.beat();
    const answers = () => [during, turnedAt - 1, turnedAt + 1, scene.clock.now()].map(wasBlockedAt);
    expect(answers()).toEqual([true, true, false, false]);
    scene.watch.tick();
    expect(answers()).toEqual([true, true, false, false]);
    // The next block is not taken for it.
    await scene.silence(1_500);
    await scene.turn();
    expect(answers()).toEqual([true, true, false, false]);
  });

  it("takes a thread for starved that is ready to run and does not get on, before the kernel has counted that", async () => {
    const scene = new Scene({ captures: false });
    await scene.silence(1_000, { ran: 1 });
    scene.state = "R";
    await scene.silence(20_000);
    expect(scene.watch.look()?.stage).toBe("unready");
    // Then it is counted, all at once.
    scene.times = { onCpuMs: 1_100, queuedMs: 20_000 };
    await scene.silence(500, { ran: 1 });
    await scene.turn();
    expect(scene.ended).toMatchObject([{ stage: "unready", starvedMs: 20_000, cause: { cause: "starved" } }]);
  });

  it("captures nothing while a debugger may be attached", async () => {
    const scene = new Scene();
    scene.pulse[pulseWords.debugged] = 1;
    await scene.silence(1_500);
    await scene.turn();
    expect(scene.captures).toHaveLength(0);
    expect(scene.ended).toMatchObject([{ stage: "blocked", stack: undefined }]);
  });
});
