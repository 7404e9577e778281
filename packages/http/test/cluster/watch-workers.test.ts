import { EventEmitter } from "node:events";
import { DiagLogLevel, diag } from "@opentelemetry/api";
import { FakeClock } from "@otel-health/core/testing";
import {
  createHealth,
  endWorkers,
  push,
  reportToPrimary,
  type WatchWorkersOptions,
  watchWorkers,
} from "@otel-health/http";
import { describe, expect, it, onTestFinished } from "vitest";

/** A cluster whose workers are the test's words. */
class FakeCluster extends EventEmitter {
  readonly workers: Record<number, object> = {};

  fork(id: number) {
    const worker = { id, process: { pid: 100 + id } };
    this.workers[id] = worker;
    this.emit("fork", worker);
    return {
      says: (lifecycle: string, readiness: string) =>
        this.emit("message", worker, { "otel-health": 1, lifecycle, verdicts: { readiness } }),
      sends: (message: unknown) => this.emit("message", worker, message),
      disconnects: () => this.emit("disconnect", worker),
      exits: (code: number | null, signal: string | null = null) => this.emit("exit", worker, code, signal),
    };
  }
}

/** A clock whose wall time someone sets. */
class SetClock extends FakeClock {
  setByMs = 0;

  override wallTime(): number {
    return super.wallTime() + this.setByMs;
  }
}

async function watching(options: Partial<WatchWorkersOptions> = {}) {
  const clock = new SetClock();
  const health = createHealth({ clock, checks: { workers: push() } });
  onTestFinished(() => health.stop());
  await health.start();
  const cluster = new FakeCluster();
  const stop = watchWorkers(health.checks.workers, { count: 2, clock, cluster: cluster as never, ...options });
  return { clock, cluster, stop, status: () => health.snapshot().checks.workers.status, health };
}

describe("watchWorkers", () => {
  it("follows its workers as soon as they say something", async () => {
    const { cluster, status } = await watching();
    const [one, two] = [cluster.fork(1), cluster.fork(2)];
    expect(status()).toBe("unknown");
    one.says("ready", "healthy");
    expect(status()).toBe("unknown");
    two.says("ready", "healthy");
    expect(status()).toBe("healthy");
    two.says("ready", "degraded");
    expect(status()).toBe("degraded");
    two.says("ready", "unhealthy");
    expect(status()).toBe("unhealthy");
    two.says("ready", "healthy");
    expect(status()).toBe("healthy");
  });

  it("sees silence, and that it ends", async () => {
    const { clock, cluster, status } = await watching({ staleAfterMs: 1_000 });
    const [one, two] = [cluster.fork(1), cluster.fork(2)];
    one.says("ready", "healthy");
    two.says("ready", "healthy");
    await clock.advance(900);
    one.says("ready", "healthy");
    expect(status()).toBe("healthy");
    await clock.advance(100);
    expect(status()).toBe("unhealthy");
    two.says("ready", "healthy");
    expect(status()).toBe("healthy");
  });

  it.each([3_600_000, -3_600_000])("sees silence by no wall clock, which was set by %i ms", async (setByMs) => {
    const { clock, cluster, status } = await watching({ count: 1 });
    cluster.fork(1).says("ready", "healthy");
    clock.setByMs = setByMs;
    await clock.advance(4_000);
    expect(status()).toBe("healthy");
    await clock.advance(1_000);
    expect(status()).toBe("unhealthy");
  });

  it("takes nothing for silence that it could not hear, its own loop being blocked", async () => {
    const { clock, cluster, status } = await watching();
    const [one, two] = [cluster.fork(1), cluster.fork(2)];
    for (const worker of [one, two]) worker.says("ready", "healthy");
    clock.block(60_000);
    // The other one's message is yet to be read.
    one.says("ready", "healthy");
    expect(status()).toBe("healthy");
    await clock.advance(0);
    expect(status()).toBe("healthy");
    // From then on it counts.
    await clock.advance(4_000);
    expect(status()).toBe("unhealthy");
  });

  it("takes workers that never come for a failure in time", async () => {
    const { clock, status } = await watching();
    await clock.advance(4_999);
    expect(status()).toBe("unknown");
    await clock.advance(1);
    expect(status()).toBe("unhealthy");
  });

  it("does not mind a worker that drained and was replaced before", async () => {
    const { cluster, status, health } = await watching();
    const [one, two] = [cluster.fork(1), cluster.fork(2)];
    for (const worker of [one, two]) worker.says("ready", "healthy");
    const three = cluster.fork(3);
    three.says("ready", "healthy");
    one.says("draining", "unhealthy");
    expect(status()).toBe("healthy");
    one.exits(0);
    expect(status()).toBe("healthy");
    // One that has not drained is missed, whatever its exit code.
    two.exits(0);
    expect(status()).toBe("unhealthy");
    const four = cluster.fork(4);
    expect(status()).toBe("unhealthy");
    four.says("ready", "healthy");
    expect(status()).toBe("healthy");
    // Whoever was replaced is named no more.
    four.says("ready", "degraded");
    expect(health.snapshot().checks.workers.message).toBe("2 of 2 workers are ready: worker 4 (pid 104) is degraded");
  });

  it("sees at once that a worker has disconnected, and then how it ended", async () => {
    const { cluster, status, health } = await watching({ count: 1 });
    const one = cluster.fork(1);
    one.says("ready", "healthy");
    one.disconnects();
    const { message } = health.snapshot().checks.workers;
    expect(message).toBe("0 of 1 workers are ready: worker 1 (pid 101) has disconnected");
    one.exits(1);
    one.disconnects();
    expect(status()).toBe("unhealthy");
    expect(health.snapshot().checks.workers.message).toContain("worker 1 (pid 101) exited with 1");
    cluster.fork(2).says("ready", "healthy");
    expect(status()).toBe("healthy");
  });

  it("takes what it reads of a worker after its end for no sign of life", async () => {
    const { clock, cluster, status, health } = await watching({ count: 1 });
    const one = cluster.fork(1);
    one.says("ready", "healthy");
    one.exits(null, "SIGKILL");
    one.says("ready", "healthy");
    expect(status()).toBe("unhealthy");
    const two = cluster.fork(2);
    two.says("ready", "healthy");
    two.says("stopped", "unhealthy");
    two.exits(0);
    two.says("stopped", "unhealthy");
    await clock.advance(5_000);
    expect(health.snapshot().checks.workers.message).toBe("0 of 1 workers are ready");
  });

  it("knows the workers that were there before it", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { workers: push() } });
    await health.start();
    const cluster = new FakeCluster();
    const one = cluster.fork(1);
    watchWorkers(health.checks.workers, { count: 1, clock, cluster: cluster as never });
    one.exits(null, "SIGKILL");
    expect(health.snapshot().checks.workers).toMatchObject({
      status: "unhealthy",
      message: "0 of 1 workers are ready: worker 1 (pid 101) was ended by SIGKILL",
    });
    await health.stop();
  });

  it("ignores what is not for it, and says once that it cannot read what is", async () => {
    const told: unknown[] = [];
    const ignore = () => {};
    const warn = (message: string) => void told.push(message);
    diag.setLogger({ error: warn, warn, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.WARN);
    onTestFinished(() => diag.disable());
    const { cluster, status } = await watching({ count: 1 });
    const one = cluster.fork(1);
    for (const message of ["hello", null, { cmd: 1 }, { "otel-health": 2 }, { "otel-health": "x".repeat(1_000_000) }])
      one.sends(message);
    expect(status()).toBe("unknown");
    expect(told.filter((line) => String(line).includes("cannot read"))).toEqual([
      "otel-health: worker 1 sends reports that this version cannot read",
    ]);
  });

  it("lets go of everything once it is stopped", async () => {
    const { cluster, clock, stop, status, health } = await watching({ count: 1 });
    const one = cluster.fork(1);
    one.says("ready", "healthy");
    stop();
    one.exits(1);
    expect(status()).toBe("healthy");
    expect(cluster.eventNames()).toEqual([]);
    await health.stop();
    expect(clock.armed).toBe(0);
  });

  it.each<[unknown, RegExp]>([
    [{}, /^count of watchWorkers\(\) must be a whole number from 1 up: .* got undefined$/],
    [{ count: 0 }, /^count of .* got 0$/],
    [{ count: 2, atLeast: 3 }, /^atLeast of .* from 1 to count \(2\), got 3$/],
    [{ count: 2, probe: "" }, /^probe of .* got ""$/],
    [{ count: 2, staleAfterMs: 0 }, /^staleAfterMs of .* from 5 to 2147483647, got 0$/],
    [{ count: 2, cluster: {} }, /^cluster of .* got an object$/],
    [{ count: 2, clock: {} }, /^clock of .* got an object$/],
    [{ count: 2, atleast: 1 }, /^an option of .* got "atleast"$/],
    [null, /^the options of .* got null$/],
  ])("refuses %j", (options, message) => {
    const health = createHealth({ checks: { workers: push() } });
    expect(() => watchWorkers(health.checks.workers, options as never)).toThrow(message);
    expect(() => watchWorkers({} as never, { count: 1 })).toThrow(/^check of .* the handle of a push\(\) check/);
  });
});

/** A process with an IPC channel that the test reads, or leaves unread. */
class FakeProcess extends EventEmitter {
  readonly sent: { lifecycle: string; verdicts: Record<string, string> }[] = [];
  readonly exits: number[] = [];
  reads = true;
  #unread: (() => void)[] = [];

  send(message: never, callback: (error: Error | null) => void): void {
    this.sent.push(message);
    if (this.reads) callback(null);
    else this.#unread.push(() => callback(null));
  }

  read(): void {
    this.reads = true;
    for (const one of this.#unread.splice(0)) one();
  }

  exit(code: number): void {
    this.exits.push(code);
  }
}

describe("reportToPrimary", () => {
  const reporting = async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { database: push() } });
    onTestFinished(() => health.stop());
    await health.start();
    health.checks.database.pass();
    const worker = new FakeProcess();
    const stop = reportToPrimary(health, { clock, process: worker as never });
    return { clock, health, worker, stop, last: () => worker.sent.at(-1) };
  };

  it("reports at once, on every change, and every so often", async () => {
    const { clock, health, worker, last } = await reporting();
    expect(worker.sent).toHaveLength(1);
    expect(last()).toMatchObject({
      "otel-health": 1,
      lifecycle: "ready",
      verdicts: { readiness: "healthy", liveness: "healthy" },
    });
    health.checks.database.fail("gone");
    expect(last()?.verdicts["readiness"]).toBe("unhealthy");
    const before = worker.sent.length;
    await clock.advance(3_000);
    expect(worker.sent).toHaveLength(before + 3);
    void health.drain();
    expect(last()?.lifecycle).toBe("draining");
  });

  it("keeps nothing for a primary that does not read, and tells it the newest then", async () => {
    const { health, worker, last } = await reporting();
    worker.reads = false;
    for (let i = 0; i < 50; i++) {
      health.checks.database.fail("gone");
      health.checks.database.pass();
    }
    health.checks.database.fail("gone");
    expect(worker.sent).toHaveLength(2);
    worker.read();
    expect(worker.sent).toHaveLength(3);
    expect(last()?.verdicts["readiness"]).toBe("unhealthy");
  });

  it("survives a channel that is closed", async () => {
    const { clock, health, worker } = await reporting();
    worker.send = () => {
      throw new Error("Channel closed");
    };
    health.checks.database.fail("gone");
    await clock.advance(10_000);
    expect(health.snapshot().checks.database.status).toBe("unhealthy");
  });

  it("does what SIGTERM does when the primary asks it to end", async () => {
    const { clock, worker } = await reporting();
    let signals = 0;
    const onSignal = () => void signals++;
    worker.on("SIGTERM", onSignal);
    for (const message of ["end", { end: true }, { "otel-health": 2, end: true }]) worker.emit("message", message);
    await clock.advance(10_000);
    expect(signals).toBe(0);
    worker.emit("message", { "otel-health": 1, end: true });
    worker.emit("message", { "otel-health": 1, end: true });
    await clock.advance(100);
    expect(signals).toBe(1);
    expect(worker.exits).toEqual([]);
  });

  it("does so by itself where nobody listens to SIGTERM", async () => {
    const { clock, worker } = await reporting();
    worker.emit("message", { "otel-health": 1, end: true });
    await clock.advance(100);
    expect(worker.exits).toEqual([0]);
  });

  it("sends no second signal after one that the worker was sent too, before or just after", async () => {
    const { clock, health, worker } = await reporting();
    worker.on("SIGTERM", () => worker.exit(1));
    worker.emit("message", { "otel-health": 1, end: true });
    void health.drain();
    await clock.advance(100);
    worker.emit("message", { "otel-health": 1, end: true });
    await clock.advance(100);
    expect(worker.exits).toEqual([]);
  });

  it("ends when it is told to", async () => {
    const { clock, health, worker, stop } = await reporting();
    worker.emit("message", { "otel-health": 1, end: true });
    stop();
    const before = worker.sent.length;
    health.checks.database.fail("gone");
    await clock.advance(10_000);
    expect(worker.sent).toHaveLength(before);
    expect(worker.exits).toEqual([]);
    expect(worker.eventNames()).toEqual([]);
  });

  it("refuses a process that has no primary, and options that cannot be meant", () => {
    const health = createHealth();
    const lone = { process: { pid: 1 } as never };
    expect(() => reportToPrimary(health, lone)).toThrow(
      /^process of reportToPrimary\(\) must be one with an IPC channel, .* got an object$/,
    );
    expect(() => reportToPrimary(health, { intervalMs: 0 })).toThrow(/^intervalMs of .* from 1 to 2147483647, got 0$/);
    expect(() => reportToPrimary(health, { clock: {} as never })).toThrow(/^clock of .* got an object$/);
    expect(() => reportToPrimary(health, null as never)).toThrow(/^the options of reportToPrimary\(\) .* got null$/);
    expect(() => reportToPrimary({} as never)).toThrow(/^health of .* got an object$/);
    expect(() => reportToPrimary(health, { interval: 5 } as never)).toThrow(/^an option of .* got "interval"$/);
  });
});

describe("endWorkers", () => {
  const ending = (...given: { error?: Error; dead?: boolean }[]) => {
    const asked: string[] = [];
    const workers = given.map(({ error = null, dead = false }, i) =>
      Object.assign(new EventEmitter(), {
        id: i + 1,
        isDead: () => dead,
        send: (message: { end: boolean }, callback: (error: Error | null) => void) => {
          asked.push(`${i + 1} ${message.end}`);
          callback(error);
        },
        process: { kill: (signal: string) => asked.push(`${i + 1} ${signal}`) },
      }),
    );
    const ended = endWorkers({ workers: Object.fromEntries(workers.map((one) => [one.id, one])) as never });
    return { asked, ended, exits: (id: number, ...how: unknown[]) => workers[id - 1]?.emit("exit", ...how) };
  };

  it("asks each, by the signal where it can't be asked otherwise, and waits for all", async () => {
    const { asked, ended, exits } = ending({}, { error: new Error("closed") }, { dead: true });
    let done = false;
    void ended.then(() => {
      done = true;
    });
    expect(asked).toEqual(["1 true", "2 true", "2 SIGTERM"]);
    exits(1, 0, null);
    await Promise.resolve();
    expect(done).toBe(false);
    exits(2, 0, null);
    await ended;
  });

  it("fails where one did not end well, once all have ended", async () => {
    const { ended, exits } = ending({}, {}, {});
    let settled = false;
    const seen = ended.catch((error: Error) => {
      settled = true;
      return error.message;
    });
    exits(1, 1, null);
    exits(2, null, "SIGKILL");
    await Promise.resolve();
    expect(settled).toBe(false);
    exits(3, 0, null);
    expect(await seen).toBe("worker 1 exited with 1, worker 2 was ended by SIGKILL");
  });
});
