import { EventEmitter } from "node:events";
import { type JobQueue, type QueuedJob, type QueueOptions, queue } from "@otel-health/checks/queue";
import { isHealthError } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { Queue } from "bullmq";
import { describe, expect, it, vi } from "vitest";
import { complaint, outcomeOf, Running } from "../running.ts";

const counted = (counts: Readonly<Record<string, number>>, more: Partial<JobQueue> = {}): JobQueue => ({
  getJobCounts: async () => ({ waiting: 0, ...counts }),
  getWaiting: async () => [],
  getWorkersCount: async () => 0,
  ...more,
});
const clock = new FakeClock();
const added = (secondsAgo: number, more: Partial<QueuedJob> = {}): QueuedJob => ({
  timestamp: clock.wallTime() - secondsAgo * 1_000,
  ...more,
});
const silence = () => new Promise<never>(() => {});

describe("queue()", () => {
  it.each<[string, JobQueue, QueueOptions, object | undefined]>([
    ["an empty queue", counted({}), { failBacklog: 0 }, undefined],
    ["as many as may wait", counted({ waiting: 5 }), { failBacklog: 5 }, undefined],
    ["more than may wait", counted({ waiting: 6 }), { failBacklog: 5 }, { status: "fail", errorType: "backlog" }],
    [
      "all that wait together",
      counted({ waiting: 2, prioritized: 2, paused: 2 }),
      { failBacklog: 5 },
      { status: "fail", message: "6 jobs are waiting, more than 5" },
    ],
    [
      "not those that do not wait",
      counted({ waiting: 1, active: 50, delayed: 50, completed: 50, failed: 50 }),
      { failBacklog: 5 },
      undefined,
    ],
    ["a backlog to warn of", counted({ waiting: 6 }), { warnBacklog: 5, failBacklog: 50 }, { status: "warn" }],
    [
      "a job as old as it may be",
      counted({}, { getWaiting: async () => [added(60)] }),
      { failOldestMs: 60_000 },
      undefined,
    ],
    [
      "a job that is too old",
      counted({}, { getWaiting: async () => [added(61), added(5)] }),
      { failOldestMs: 60_000 },
      { status: "fail", errorType: "oldest_job" },
    ],
    [
      "a job to warn of",
      counted({}, { getWaiting: async () => [added(61)] }),
      { warnOldestMs: 60_000 },
      { status: "warn" },
    ],
    [
      "a job that was delayed",
      counted({}, { getWaiting: async () => [added(61, { opts: { delay: 5_000 } })] }),
      { failOldestMs: 60_000 },
      undefined,
    ],
    [
      "a job that was tried",
      counted({}, { getWaiting: async () => [added(61, { processedOn: 5 }), added(1)] }),
      { failOldestMs: 60_000 },
      undefined,
    ],
    [
      "a job behind one that was tried",
      counted({}, { getWaiting: async () => [added(1, { processedOn: 5 }), added(61)] }),
      { failOldestMs: 60_000 },
      { status: "fail" },
    ],
    [
      "jobs that were taken meanwhile",
      counted({}, { getWaiting: async () => [undefined, added(61)] }),
      { failOldestMs: 60_000 },
      { status: "fail" },
    ],
    [
      "a job with a priority",
      counted({ prioritized: 1 }, { getPrioritized: async () => [added(61)] }),
      { failOldestMs: 60_000 },
      { status: "fail" },
    ],
    ["a queue that cannot say who has a priority", counted({ prioritized: 1 }), { failOldestMs: 60_000 }, undefined],
    [
      "a queue that is paused",
      counted({}, { isPaused: async () => true }),
      { failBacklog: 5 },
      { status: "warn", message: "the queue is paused, 0 jobs are waiting" },
    ],
    ["failed jobs", counted({ failed: 3 }), { warnFailed: 2 }, { status: "warn" }],
    ["too few workers", counted({}, { getWorkersCount: async () => 1 }), { minWorkers: 2 }, { status: "warn" }],
    ["enough workers", counted({}, { getWorkersCount: async () => 2 }), { minWorkers: 2 }, undefined],
    [
      "a failure before a warning",
      counted({ waiting: 6 }, { isPaused: async () => true }),
      { failBacklog: 5, minWorkers: 1 },
      { status: "fail" },
    ],
    ["counts that are none", counted({ waiting: "6" as unknown as number }), { failBacklog: 5 }, { status: "fail" }],
    ["counts below nothing", counted({ waiting: -1 }), { failBacklog: 5 }, { status: "fail" }],
    [
      "no counts",
      counted({}, { getJobCounts: async () => undefined as never }),
      { failBacklog: 5 },
      { status: "fail" },
    ],
    [
      "counts by other names",
      counted({}, { getJobCounts: async () => ({ wait: 9_999 }) }),
      { failBacklog: 5 },
      { status: "fail", message: "the queue does not count in numbers" },
    ],
    [
      "a delayed job that nobody has let wait",
      counted({}, { getDelayed: async () => [added(67, { opts: { delay: 5_000 }, delay: 5_000 })] }),
      { failOldestMs: 60_000 },
      { status: "fail", message: "the next job has been waiting for 62 s, more than 60000 ms" },
    ],
    [
      "a delayed job before it is due",
      counted({}, { getDelayed: async () => [added(67, { opts: { delay: 90_000 }, delay: 90_000 })] }),
      { failOldestMs: 60_000 },
      undefined,
    ],
    [
      "a delayed job that was tried, and one whose delay was changed",
      counted(
        {},
        {
          getDelayed: async () => [
            undefined,
            added(167, { opts: { delay: 5_000 }, delay: 5_000, processedOn: 5 }),
            added(167, { opts: { delay: 5_000 }, delay: 90_000 }),
          ],
        },
      ),
      { failOldestMs: 60_000 },
      undefined,
    ],
    [
      "the older of a delayed and a waiting job",
      counted(
        {},
        {
          getWaiting: async () => [added(61)],
          getDelayed: async () => [added(90, { opts: { delay: 5_000 }, delay: 5_000 })],
        },
      ),
      { failOldestMs: 60_000 },
      { message: "the next job has been waiting for 85 s, more than 60000 ms" },
    ],
    [
      "workers that are no number",
      counted({}, { getWorkersCount: async () => Number.NaN }),
      { minWorkers: 2 },
      { status: "fail" },
    ],
    [
      "a job without a time",
      counted({}, { getWaiting: async () => [{} as QueuedJob] }),
      { failOldestMs: 60_000 },
      { status: "fail" },
    ],
    [
      "jobs that are no list",
      counted({}, { getWaiting: async () => "cat" as unknown as QueuedJob[] }),
      { failOldestMs: 60_000 },
      { status: "fail" },
    ],
    [
      "a throw",
      counted(
        {},
        {
          getJobCounts: () => {
            throw undefined;
          },
        },
      ),
      { failBacklog: 5 },
      { status: "fail" },
    ],
  ])("judges %s", async (_what, client, options, expected) => {
    const outcome = await outcomeOf(queue(client, options), clock);
    if (expected === undefined) expect(outcome).toBeUndefined();
    else expect(outcome).toMatchObject(expected);
  });

  it("asks no more than the bounds need", async () => {
    const client = {
      getJobCounts: vi.fn(async () => ({ waiting: 0 })),
      getWaiting: vi.fn(async () => []),
      getWorkersCount: vi.fn(async () => 3),
      isPaused: vi.fn(async () => false),
    };
    await outcomeOf(queue(client, { failBacklog: 5 }));
    expect(client.getJobCounts).toHaveBeenCalledExactlyOnceWith("waiting", "prioritized", "failed");
    expect(client.isPaused).toHaveBeenCalledOnce();
    expect(client.getWaiting).not.toHaveBeenCalled();
    expect(client.getWorkersCount).not.toHaveBeenCalled();
  });

  it("says what is wrong with the server behind it", async () => {
    const client = counted(
      {},
      {
        getJobCounts: async () => {
          throw new Error("NOAUTH Authentication required.");
        },
      },
    );
    expect(await outcomeOf(queue(client, { failBacklog: 5 }))).toMatchObject({ errorType: "NOAUTH", fault: "fatal" });
  });

  it("tells what the queue heard of its connection", async () => {
    const client = Object.assign(new EventEmitter(), counted({}, { getJobCounts: silence }));
    client.on("error", () => {});
    const run = new Running(queue(client, { failBacklog: 5 }));
    client.emit("error", Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:6379"), { code: "ECONNREFUSED" }));
    await run.clock.advance(1_600);
    expect(await run.outcome).toMatchObject({ errorType: "ECONNREFUSED" });
    expect(client.eventNames()).toEqual(["error"]);
    expect(run.clock.armed).toBe(0);
  });

  it("forgets what it heard once an answer comes", async () => {
    const getJobCounts = vi.fn<() => Promise<Record<string, number>>>(async () => ({ waiting: 0 }));
    const client = Object.assign(new EventEmitter(), counted({}, { getJobCounts }));
    client.on("error", () => {});
    const check = queue(client, { failBacklog: 5 });
    const first = new Running(check);
    client.emit("error", new Error("NOAUTH Authentication required."));
    expect(await first.outcome).toBeUndefined();
    getJobCounts.mockImplementation(silence);
    const second = new Running(check);
    await second.clock.advance(1_600);
    second.abort();
    expect(await second.outcome).toMatchObject({ errorType: "timeout" });
  });

  it("leaves no more than three questions with a queue that has no connection", async () => {
    const client = Object.assign(new EventEmitter(), counted({}, { getJobCounts: vi.fn(silence) }));
    client.on("error", () => {});
    const check = queue(client, { failBacklog: 5 });
    for (let i = 0; i < 10; i++) {
      const run = new Running(check);
      client.emit("error", new Error("NOAUTH Authentication required."));
      await run.clock.advance(1_600);
      await run.outcome;
    }
    expect(client.getJobCounts).toHaveBeenCalledTimes(3);
  });

  it("settles when its signal fires, and leaves no more than three questions", async () => {
    const client = counted({}, { getJobCounts: vi.fn(silence) });
    const check = queue(client, { failBacklog: 5 });
    for (let i = 0; i < 6; i++) {
      const run = new Running(check);
      await settle();
      run.abort();
      expect(await run.outcome).toMatchObject({ errorType: "timeout" });
    }
    expect(client.getJobCounts).toHaveBeenCalledTimes(3);
  });

  it("takes a Queue of bullmq", async () => {
    const client = new Queue("jobs", {
      connection: { host: "127.0.0.1", port: 1, lazyConnect: true },
      skipWaitingForReady: true,
    });
    client.on("error", () => {});
    expect(queue(client, { failBacklog: 1 })).toMatchObject({ external: true, hint: expect.any(String) });
    await client.close();
  });

  it.each<[unknown, object, string]>([
    [undefined, { failBacklog: 1 }, "got undefined; create the client before the check"],
    [{}, { failBacklog: 1 }, "a Queue of bullmq, or an object with its getJobCounts()"],
    [{ ...counted({}), closing: Promise.resolve() }, { failBacklog: 1 }, "closed already"],
    [counted({}), {}, "needs a bound"],
    [counted({}), undefined as unknown as object, "needs a bound"],
    [counted({}), { intervalMs: 5_000 }, "needs a bound"],
    [counted({}), { failBacklog: -1 }, "failBacklog of queue()"],
    [counted({}), { warnBacklog: 1.5 }, "warnBacklog of queue()"],
    [counted({}), { warnBacklog: 5, failBacklog: 5 }, "less than failBacklog"],
    [counted({}), { warnOldestMs: 5, failOldestMs: 5 }, "less than failOldestMs"],
    [counted({}), { failOldestMs: Number.NaN }, "failOldestMs of queue()"],
    [counted({}), { warnFailed: "1" }, "warnFailed of queue()"],
    [counted({}), { minWorkers: 0 }, "minWorkers of queue()"],
    [counted({}), { failBacklog: 1, maxBacklog: 2 }, "maxBacklog"],
    [{ getJobCounts: async () => ({}) }, { failOldestMs: 5 }, "has no getWaiting()"],
    [{ getJobCounts: async () => ({}) }, { minWorkers: 1 }, "has no getWorkersCount()"],
  ])("refuses %o with %j", (client, options, expected) => {
    const call = () => queue(client as JobQueue, options as QueueOptions);
    expect(complaint(call)).toContain(expected);
    expect(call).toThrow(expect.toSatisfy(isHealthError));
  });
});
