import { type QueueOptions, queue } from "@otel-health/checks/queue";
import { systemClock } from "@otel-health/core";
import { until } from "@otel-health/testkit";
import { Queue, Worker } from "bullmq";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RedisServer, redisPrograms, startRedis } from "../servers/redis.ts";
import { missing } from "../servers/require-server.ts";

describe.skipIf(missing(...redisPrograms))("queue() on a real queue of bullmq", () => {
  let server: RedisServer;
  let jobs: Queue;
  /** What wall time is for the check, beside the real one. */
  let ahead = 0;
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    ahead = 0;
    jobs = new Queue("jobs", { connection: { host: "127.0.0.1", port: server.port } });
    jobs.on("error", () => {});
    await jobs.waitUntilReady();
    closing.push(() => jobs.close());
  });
  afterEach(async () => {
    await jobs.obliterate({ force: true });
    for (const close of closing.splice(0)) await close();
  });

  const clock = { ...systemClock, wallTime: () => Date.now() + ahead };
  const ask = async (options: QueueOptions) =>
    (await queue(jobs, options).run({ signal: AbortSignal.timeout(2_000), clock, timeoutMs: 2_000 })) ?? undefined;

  function startWorker(process: () => Promise<unknown>): Worker {
    const worker = new Worker("jobs", process, { connection: { host: "127.0.0.1", port: server.port } });
    worker.on("error", () => {});
    closing.push(() => worker.close());
    return worker;
  }

  it("bounds what is waiting, with and without a priority, and not what is delayed", async () => {
    const bounds = { warnBacklog: 1, failBacklog: 3 };
    await jobs.add("later", {}, { delay: 60_000 });
    await jobs.add("one", {});
    expect(await ask(bounds)).toBeUndefined();
    await jobs.add("two", {}, { priority: 5 });
    expect(await ask(bounds)).toMatchObject({ status: "warn", message: "2 jobs are waiting, more than 1" });
    await jobs.addBulk([
      { name: "three", data: {} },
      { name: "four", data: {}, opts: { priority: 1 } },
    ]);
    expect(await ask(bounds)).toMatchObject({
      status: "fail",
      errorType: "backlog",
      hint: expect.stringContaining("workers"),
    });
  });

  it("bounds how long the next job has been waiting", async () => {
    const bounds = { warnOldestMs: 30_000, failOldestMs: 60_000 };
    expect(await ask(bounds)).toBeUndefined();
    await jobs.add("old", {});
    await jobs.add("delayed", {}, { delay: 86_400_000 });
    expect(await ask(bounds)).toBeUndefined();
    ahead = 31_000;
    expect(await ask(bounds)).toMatchObject({ status: "warn", message: expect.stringContaining("for 31 s") });
    ahead = 61_000;
    expect(await ask(bounds)).toMatchObject({ status: "fail", errorType: "oldest_job" });
    // A clock that is behind is no age.
    ahead = -61_000;
    expect(await ask(bounds)).toBeUndefined();
  });

  it("bounds how long ago a delayed job was due, which no worker has let wait", async () => {
    const bounds = { failOldestMs: 60_000 };
    await jobs.add("delayed", {}, { delay: 300_000 });
    const changed = await jobs.add("changed", {}, { delay: 300_000 });
    ahead = 355_000;
    expect(await ask(bounds)).toBeUndefined();
    ahead = 365_000;
    expect(await ask(bounds)).toMatchObject({ errorType: "oldest_job", message: expect.stringContaining("for 65 s") });
    await (await jobs.getDelayed())[0]?.changeDelay(86_400_000);
    await changed.changeDelay(86_400_000);
    expect(await ask(bounds)).toBeUndefined();
  });

  it("looks at those with a priority where none waits without", async () => {
    await jobs.add("old", {}, { priority: 3 });
    ahead = 61_000;
    expect(await ask({ failOldestMs: 60_000 })).toMatchObject({ errorType: "oldest_job" });
  });

  it("does not count a delay as waiting, nor the time before another try", async () => {
    const delayed = await jobs.add("delayed", {}, { delay: 86_400_000 });
    await delayed.promote();
    ahead = 3_600_000;
    expect(await ask({ failOldestMs: 60_000 })).toBeUndefined();
    await delayed.remove();

    const retried = await jobs.add("retried", {}, { attempts: 2, backoff: 86_400_000 });
    const worker = startWorker(async () => {
      throw new Error("not yet");
    });
    await until(async () => (await retried.getState()) === "delayed", { describe: "it was tried", timeoutMs: 10_000 });
    await worker.close();
    await (await jobs.getJob(retried.id as string))?.promote();
    expect(await jobs.getWaitingCount()).toBe(1);
    ahead = 3_600_000;
    expect(await ask({ failOldestMs: 60_000 })).toBeUndefined();
  });

  it("warns of a queue that is paused, and says so where it is behind", async () => {
    await jobs.pause();
    expect(await ask({ failBacklog: 0 })).toMatchObject({ status: "warn", message: expect.stringContaining("paused") });
    await jobs.add("one", {});
    expect(await ask({ failBacklog: 0 })).toMatchObject({ status: "fail", hint: expect.stringContaining("paused") });
    await jobs.resume();
    expect(await ask({ failBacklog: 1 })).toBeUndefined();
  });

  it("warns of jobs that have failed for good", async () => {
    await jobs.add("bad", {});
    startWorker(async () => {
      throw new Error("never");
    });
    await until(async () => (await jobs.getFailedCount()) === 1, { describe: "it has failed", timeoutMs: 10_000 });
    expect(await ask({ warnFailed: 1 })).toBeUndefined();
    expect(await ask({ warnFailed: 0 })).toMatchObject({
      status: "warn",
      message: expect.stringContaining("1 jobs have failed"),
    });
  });

  it("warns of workers that are missing", async () => {
    expect(await ask({ minWorkers: 1 })).toMatchObject({
      status: "warn",
      message: expect.stringContaining("0 workers"),
    });
    startWorker(async () => {});
    await until(async () => (await ask({ minWorkers: 1 })) === undefined, {
      describe: "it is seen",
      timeoutMs: 10_000,
    });
  });

  it("changes nothing", async () => {
    await jobs.add("one", {});
    const everything = async () => [
      String(await server.call("KEYS", "*"))
        .split(",")
        .sort(),
      String(await server.call("CLIENT", "LIST")).split("\n").length,
      await jobs.getJobCounts(),
    ];
    const before = await everything();
    for (let run = 0; run < 3; run++) await ask({ failBacklog: 0, failOldestMs: 0, warnFailed: 0, minWorkers: 1 });
    expect(await everything()).toEqual(before);
  });

  it("says that the queue is closed, and refuses one that is", async () => {
    const other = new Queue("other", { connection: { host: "127.0.0.1", port: server.port } });
    other.on("error", () => {});
    await other.waitUntilReady();
    const check = queue(other, { failBacklog: 1 });
    await other.close();
    const context = { signal: AbortSignal.timeout(2_000), clock, timeoutMs: 2_000 };
    expect(await check.run(context)).toMatchObject({ errorType: "client_closed", fault: "persistent" });
    expect(() => queue(other, { failBacklog: 1 })).toThrow("closed already");
  });
});
