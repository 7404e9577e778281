import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { captureStack, type MainThreadSession } from "../../src/capture/capture-stack.ts";
import { stackNow, stackOfNextPromise } from "../../src/capture/stack-probe.ts";

type Callback = Parameters<MainThreadSession["post"]>[2];

const own = ["spin (/srv/app.js:1:2)", "/srv/app.js", 1, 2];
const node = ["processTicksAndRejections (node:internal/process:85:11)", "node:internal/process", 85, 11];

/** A main thread that answers when the test says so, and by the clock of the test. */
class FakeMain {
  readonly clock = new FakeClock();
  readonly asked: { readonly expression: string; readonly callback: Callback }[] = [];
  connections = 0;
  disconnections = 0;
  blocked: (atMs: number) => boolean = () => true;

  connect(): MainThreadSession {
    this.connections += 1;
    return {
      post: (_method, params, callback) => {
        this.asked.push({ expression: (params as { readonly expression: string }).expression, callback });
      },
      disconnect: () => {
        this.disconnections += 1;
      },
    };
  }

  capture(withinMs?: number) {
    return captureStack({
      wasBlockedAt: (atMs) => this.blocked(atMs),
      clock: this.clock,
      connect: () => this.connect(),
      ...(withinMs !== undefined && { withinMs }),
    });
  }

  /** Answers the question of this number with a stack of these. */
  answer(question: number, ...frames: readonly unknown[]): void {
    const at = [Math.floor(this.clock.now() / 1_000), (this.clock.now() % 1_000) * 1_000_000];
    this.reply(question, null, { result: { value: { at, frames } } });
  }

  reply(question: number, ...given: Parameters<Callback>): void {
    this.asked[question]?.callback(...given);
  }
}

describe("captureStack()", () => {
  it("asks once, and closes the session when it has the answer", async () => {
    const main = new FakeMain();
    const { answer, closed } = main.capture();
    expect(main.asked.map(({ expression }) => expression)).toEqual([stackNow]);
    main.clock.block(7);
    main.answer(0, node, own);
    expect(await answer).toMatchObject({ frames: [{}, { functionName: "spin" }], tookMs: 7, late: false });
    expect([main.connections, main.disconnections, main.asked.length]).toEqual([1, 1, 1]);
    // The main thread has to let go of the session before this thread may end.
    let isClosed = false;
    void closed.then(() => {
      isClosed = true;
    });
    await main.clock.advance(99);
    expect(isClosed).toBe(false);
    await main.clock.advance(1);
    expect(isClosed).toBe(true);
    expect(main.clock.armed).toBe(0);
  });

  it("says that a main thread was late that was not in JavaScript when it was asked", async () => {
    const main = new FakeMain();
    const { answer } = main.capture();
    main.clock.block(100.5);
    main.answer(0, own);
    expect(await answer).toMatchObject({ tookMs: 100.5, late: true });
  });

  it("has no stack of a loop that turned before the main thread looked", async () => {
    const main = new FakeMain();
    const asked: number[] = [];
    main.blocked = (atMs) => {
      asked.push(atMs);
      return false;
    };
    const { answer } = main.capture();
    main.clock.block(1_250);
    main.answer(0, own);
    expect(await answer).toEqual({ missed: "the event loop had turned before the main thread looked" });
    expect(asked).toEqual([1_250]);
    expect(main.disconnections).toBe(1);
  });

  it("asks again where nothing of the application is on the stack, and sets one trap", async () => {
    const main = new FakeMain();
    const { answer } = main.capture();
    main.answer(0);
    expect(main.asked.map(({ expression }) => expression)).toEqual([stackNow, stackOfNextPromise]);
    await main.clock.advance(5);
    main.answer(2, node);
    await main.clock.advance(5);
    expect(main.asked.map(({ expression }) => expression)).toEqual([stackNow, stackOfNextPromise, stackNow, stackNow]);
    main.answer(1, own);
    expect(await answer).toMatchObject({ frames: [{ functionName: "spin" }] });
    // What is still under way is of no interest.
    main.answer(3, node, own);
    await main.clock.advance(1_000);
    expect([main.asked.length, main.disconnections, main.clock.armed]).toEqual([4, 1, 0]);
  });

  it("goes on where the trap has caught nothing of the application", async () => {
    const main = new FakeMain();
    const { answer } = main.capture();
    main.answer(0);
    main.answer(1, node);
    await main.clock.advance(5);
    main.answer(2, own);
    expect(await answer).toMatchObject({ frames: [{ functionName: "spin" }] });
  });

  it("goes on where the trap has failed", async () => {
    const main = new FakeMain();
    const { answer } = main.capture();
    main.answer(0);
    main.reply(1, new Error("Inspector error -32000: Promise was collected"));
    await main.clock.advance(5);
    main.answer(2, own);
    expect(await answer).toMatchObject({ frames: [{ functionName: "spin" }] });
  });

  it.each([
    [[node], { frames: [{ functionName: "processTicksAndRejections" }], late: false }],
    [[], { missed: "no JavaScript was on the main thread's stack" }],
  ])("takes what there is when it has asked often enough", async (frames, expected) => {
    const main = new FakeMain();
    const { answer } = main.capture();
    main.answer(0, ...frames);
    for (let question = 2; question < 22; question++) {
      await main.clock.advance(5);
      main.answer(question, ...frames);
    }
    expect(await answer).toMatchObject(expected);
    expect([main.asked.length, main.disconnections]).toEqual([22, 1]);
  });

  it("waits no longer than it may", async () => {
    const main = new FakeMain();
    const { answer } = main.capture(2_000);
    await main.clock.advance(1_999);
    expect(main.disconnections).toBe(0);
    await main.clock.advance(1);
    expect(await answer).toEqual({ missed: "the main thread did not come back to JavaScript within 2000 ms" });
    expect(main.disconnections).toBe(1);
    main.answer(0, own);
    await settle();
    expect(main.disconnections).toBe(1);
  });

  it.each([0, 1])("is cancelled, with %i answers, and no second time", async (answers) => {
    const main = new FakeMain();
    const { answer, closed, cancel } = main.capture();
    if (answers > 0) main.answer(0);
    cancel();
    cancel();
    expect(await answer).toEqual({ missed: "cancelled" });
    await main.clock.advance(1_000);
    await closed;
    expect([main.disconnections, main.clock.armed, main.asked.length]).toEqual([1, 0, 1 + answers]);
  });

  it("is told why there is no session", async () => {
    const main = new FakeMain();
    const connect = () => {
      throw new Error("Access to this API has been restricted");
    };
    const { answer, closed } = captureStack({ wasBlockedAt: () => true, clock: main.clock, connect });
    expect(await answer).toEqual({
      missed: "no session with the main thread: Access to this API has been restricted",
    });
    await main.clock.advance(0);
    await closed;
    expect(main.clock.armed).toBe(0);
  });

  it("may only be called in another thread than the one it asks", async () => {
    const { answer } = captureStack({ wasBlockedAt: () => true, clock: new FakeClock() });
    expect(await answer).toEqual({ missed: expect.stringMatching(/^no session with the main thread: .*worker/) });
  });

  it.each<[string, Parameters<Callback>]>([
    ["Inspector error -32000: no", [new Error("Inspector error -32000: no")]],
    ["no answer", [null]],
    ["no answer", [null, {}]],
    ["no answer", [null, { result: { value: "?" } }]],
    [
      "TypeError: Cannot redefine property",
      [
        null,
        {
          result: {},
          exceptionDetails: {
            text: "Uncaught",
            exception: { description: "TypeError: Cannot redefine property\n  at" },
          },
        },
      ],
    ],
    ["Uncaught", [null, { exceptionDetails: { text: "Uncaught" } }]],
  ])("says that the main thread could not look: %s", async (why, reply) => {
    const main = new FakeMain();
    const { answer } = main.capture();
    main.reply(0, ...reply);
    expect(await answer).toEqual({ missed: `the main thread could not look: ${why}` });
    expect(main.disconnections).toBe(1);
  });

  it("settles also where the caller cannot say whether it is blocked", async () => {
    const main = new FakeMain();
    main.blocked = () => {
      throw new Error("no idea");
    };
    const { answer } = main.capture();
    main.answer(0, own);
    expect(await answer).toEqual({ missed: "Error: no idea" });
    expect(main.disconnections).toBe(1);
  });
});
