import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { KeptThread } from "../../src/main/kept-thread.ts";

/** A thread that the test loses, and starts that it lets fail. */
class Scene {
  readonly clock: FakeClock = new FakeClock();
  readonly started: (readonly [port: number, waitedFor: boolean, at: number])[] = [];
  readonly restarted: (readonly [reason: string, attempts: number])[] = [];
  readonly failed: string[] = [];
  failing: string | undefined;
  lose: (reason: string) => void = () => {};
  closed = 0;
  readonly givenUp: string[] = [];
  readonly kept: KeptThread = new KeptThread(0, {
    clock: this.clock,
    start: async (port, waitedFor, onLost) => {
      this.started.push([port, waitedFor, this.clock.now()]);
      if (this.failing !== undefined) throw new Error(this.failing);
      this.lose = onLost;
      return {
        port: port || 9_090,
        close: async () => {
          this.closed++;
        },
        giveUp: (reason) => void this.givenUp.push(reason),
      };
    },
    onRestarted: (reason, attempts) => this.restarted.push([reason, attempts]),
    onFailed: (reason) => this.failed.push(reason),
  });
}

describe("KeptThread", () => {
  it("is started again on the port that it first had, later each time", async () => {
    const scene = new Scene();
    await scene.kept.start();
    expect(scene.kept.port).toBe(9_090);
    for (let i = 0; i < 7; i++) {
      scene.lose(`crash ${i}`);
      await scene.clock.advance(30_000 - 1);
      if (i === 0) scene.lose("crash 0 again");
    }
    const delays = scene.started.map(([, , at]) => at);
    expect(scene.started[0]).toEqual([0, true, 0]);
    expect(scene.started.slice(1).every(([port, waitedFor]) => port === 9_090 && !waitedFor)).toBe(true);
    expect(delays.length).toBeGreaterThan(3);
  });

  it("waits 1 s, then twice as long each time, up to 30 s, and is told of once for each loss", async () => {
    const scene = new Scene();
    await scene.kept.start();
    scene.failing = "no more threads";
    scene.lose("out of memory");
    await scene.clock.advance(100_000);
    expect(scene.started.map(([, , at]) => at)).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000]);
    expect(scene.failed).toEqual(Array(7).fill("no more threads"));
    expect(scene.restarted).toEqual([]);
    scene.failing = undefined;
    await scene.clock.advance(30_000);
    expect(scene.restarted).toEqual([["out of memory", 8]]);
    // It lived shortly: the next one is waited for as long.
    scene.lose("again");
    await scene.clock.advance(29_999);
    expect(scene.restarted).toHaveLength(1);
    await scene.clock.advance(1);
    expect(scene.restarted[1]).toEqual(["again", 1]);
  });

  it("gives up the thread that there is, and none where it is lost already", async () => {
    const scene = new Scene();
    await scene.kept.start();
    scene.kept.giveUp("it stood still");
    expect(scene.givenUp).toEqual(["it stood still"]);
    scene.lose("it stood still");
    scene.kept.giveUp("again");
    expect(scene.givenUp).toEqual(["it stood still"]);
    await scene.clock.advance(1_000);
    expect(scene.restarted).toEqual([["it stood still", 1]]);
  });

  it("forgets how long it waited once a thread has lived for half a minute", async () => {
    const scene = new Scene();
    await scene.kept.start();
    for (let i = 0; i < 3; i++) {
      scene.lose("crash");
      await scene.clock.advance(1_000);
      expect(scene.restarted).toHaveLength(i + 1);
      await scene.clock.advance(30_000);
    }
  });

  it("rejects where it cannot be started at first, and tries no more", async () => {
    const scene = new Scene();
    scene.failing = "listen EADDRINUSE";
    await expect(scene.kept.start()).rejects.toThrow("listen EADDRINUSE");
    expect(scene.clock.armed).toBe(0);
    expect(scene.failed).toEqual([]);
  });

  it("is closed once, and is not started again after that", async () => {
    const scene = new Scene();
    await scene.kept.start();
    const closing = scene.kept.close();
    expect(scene.kept.close()).toBe(closing);
    await closing;
    scene.lose("closed");
    await scene.clock.advance(100_000);
    expect(scene.started).toHaveLength(1);
    expect(scene.closed).toBe(1);
  });

  it("is closed while it waits to be started again, and while it is", async () => {
    const waiting = new Scene();
    await waiting.kept.start();
    waiting.lose("crash");
    await waiting.kept.close();
    expect(waiting.clock.armed).toBe(0);
    await waiting.clock.advance(100_000);
    expect(waiting.started).toHaveLength(1);

    const starting = new Scene();
    await starting.kept.start();
    starting.lose("crash");
    let closing: Promise<void> | undefined;
    starting.clock.setTimer(() => {
      closing = starting.kept.close();
    }, 1_000);
    await starting.clock.advance(1_000);
    await closing;
    expect(starting.started).toHaveLength(2);
    expect(starting.closed).toBe(1);
  });
});
