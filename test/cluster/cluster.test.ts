import { join } from "node:path";
import { type Child, kubeProbe, startChild, until } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import { suspend } from "../servers/suspend.ts";

interface Worker {
  readonly id: number;
  readonly pid: number;
  /** Its own, for its own probes. */
  readonly port: number;
}

/** A real cluster, and what its primary and its workers say. */
class RealCluster implements AsyncDisposable {
  readonly child: Child;

  constructor(child: Child) {
    this.child = child;
  }

  static async start(count: number, atLeast: number): Promise<RealCluster> {
    const child = await startChild({
      command: process.execPath,
      args: [join(import.meta.dirname, "cluster-process.ts"), String(count), String(atLeast)],
      ready: /^primary \d+$/,
    });
    const cluster = new RealCluster(child);
    await until(() => cluster.workers.length === count, { describe: "the workers", timeoutMs: 20_000 });
    await cluster.becomes(200);
    return cluster;
  }

  get workers(): readonly Worker[] {
    return this.child.stdout.flatMap((line) => {
      const [, id, pid, port] = /^worker (\d+) (\d+) (\d+) \d+$/.exec(line) ?? [];
      return id === undefined ? [] : [{ id: Number(id), pid: Number(pid), port: Number(port) }];
    });
  }

  /** What the workers share. */
  get sharedPort(): number {
    return Number(this.child.stdout.find((line) => line.startsWith("worker"))?.split(" ")[4]);
  }

  get port(): number {
    return Number(this.child.stdout.find((line) => line.startsWith("primary"))?.split(" ")[1]);
  }

  async readiness() {
    const { status, body } = await kubeProbe(`http://127.0.0.1:${this.port}/readyz`);
    return { status, message: status === undefined ? "" : JSON.parse(body).checks.workers.message };
  }

  /** Resolves when the primary answers so. */
  async becomes(status: number, message: RegExp = /^/): Promise<void> {
    let last: unknown;
    await until(
      async () => {
        const seen = await this.readiness();
        last = seen;
        return seen.status === status && message.test(seen.message ?? "");
      },
      { describe: () => `${status} ${message}, not ${JSON.stringify(last)}`, timeoutMs: 20_000 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of this.workers) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended.
      }
    }
    await this.child.stop({ signal: "SIGKILL" });
  }
}

async function statusOf({ port }: Worker): Promise<number | undefined> {
  return (await kubeProbe(`http://127.0.0.1:${port}/readyz`)).status;
}

/** Has one worker, whichever it is, change its mind about its database. */
async function tell(cluster: RealCluster, what: "break" | "mend", pid?: number): Promise<number> {
  for (;;) {
    const told = await fetch(`http://127.0.0.1:${cluster.sharedPort}/${what}`, { headers: { connection: "close" } });
    const by = Number(await told.text());
    if (pid === undefined || by === pid) return by;
  }
}

describe("a cluster of workers", () => {
  it("has a port for each worker's own probes, which no other answers", async () => {
    await using cluster = await RealCluster.start(3, 3);
    expect(new Set(cluster.workers.map(({ port }) => port)).size).toBe(3);
    const pid = await tell(cluster, "break");
    for (const worker of cluster.workers)
      for (let i = 0; i < 5; i++) expect(await statusOf(worker)).toBe(worker.pid === pid ? 503 : 200);
  });

  it("is ready where all of its workers are, and says which is not", async () => {
    await using cluster = await RealCluster.start(3, 3);
    const pid = await tell(cluster, "break");
    await cluster.becomes(503, new RegExp(`^2 of 3 workers are ready: worker \\d \\(pid ${pid}\\) is unhealthy$`));
    await tell(cluster, "mend", pid);
    await cluster.becomes(200);
  });

  it("is ready by a quorum, sees a dead worker at once, and is whole again with another", async () => {
    await using cluster = await RealCluster.start(3, 2);
    const [first, second] = cluster.workers as [Worker, Worker];
    process.kill(first.pid, "SIGKILL");
    await cluster.becomes(
      200,
      new RegExp(`^2 of 3 workers are ready: worker ${first.id} \\(pid ${first.pid}\\) was ended by SIGKILL$`),
    );
    process.kill(second.pid, "SIGKILL");
    await cluster.becomes(503, /^1 of 3 workers are ready: .* was ended by SIGKILL, .* was ended by SIGKILL$/);
    cluster.child.sendLine("fork");
    await cluster.becomes(200, /^2 of 3 workers are ready: /);
    cluster.child.sendLine("fork");
    await until(async () => (await cluster.readiness()).message === undefined, {
      describe: "all are ready",
      timeoutMs: 20_000,
    });
  });

  it("sees a worker that stands still, and that it goes on", async () => {
    await using cluster = await RealCluster.start(2, 2);
    const [first] = cluster.workers as [Worker];
    suspend(first.pid);
    await cluster.becomes(
      503,
      new RegExp(`^1 of 2 workers are ready: worker ${first.id} \\(pid ${first.pid}\\) was not heard of since `),
    );
    process.kill(first.pid, "SIGCONT");
    await cluster.becomes(200);
  });

  it("drains its workers, each in its own time, without losing a request, and ends with 0", async () => {
    await using cluster = await RealCluster.start(3, 3);
    const url = `http://127.0.0.1:${cluster.sharedPort}/`;
    process.kill(cluster.child.pid!, "SIGTERM");
    await cluster.becomes(503);
    // Until the listener is gone every request is answered.
    const answered: number[] = [];
    for (;;) {
      const response = await fetch(url, { headers: { connection: "close" } }).catch(
        (error) => error.cause as { code: string },
      );
      if (!(response instanceof Response)) {
        // The primary takes connections for its workers: the last of them may be cut rather than refused.
        expect(["ECONNREFUSED", "ECONNRESET"]).toContain(response.code);
        break;
      }
      answered.push(response.status);
    }
    expect(new Set(answered)).toEqual(new Set([200]));
    expect(await cluster.child.exited, cluster.child.output).toEqual({ code: 0, signal: null });
    expect(cluster.child.stdout.filter((line) => line.endsWith("ended with 0"))).toHaveLength(3);
    expect(cluster.child.stderr).toEqual([]);
  });

  it("drains where the signal is sent to all of its processes, as a terminal does, however busy the workers are", async () => {
    await using cluster = await RealCluster.start(3, 3);
    const pids = cluster.workers.map(({ pid }) => pid);
    // They find the primary's request and their own signal together.
    for (const pid of pids) suspend(pid);
    process.kill(cluster.child.pid!, "SIGINT");
    await cluster.becomes(503);
    for (const pid of pids) process.kill(pid, "SIGINT");
    for (const pid of pids) process.kill(pid, "SIGCONT");
    expect(await cluster.child.exited, cluster.child.output).toEqual({ code: 0, signal: null });
    expect(cluster.child.stdout.filter((line) => line.endsWith("ended with 0"))).toHaveLength(3);
  });

  it("does not end with 0 where a worker was cut off", async () => {
    await using cluster = await RealCluster.start(2, 2);
    const [first] = cluster.workers as [Worker];
    suspend(first.pid);
    process.kill(cluster.child.pid!, "SIGTERM");
    await cluster.becomes(503);
    process.kill(first.pid, "SIGKILL");
    expect(await cluster.child.exited, cluster.child.output).toEqual({ code: 1, signal: null });
  });

  it("notices nothing where its primary stands still, and goes on", async () => {
    await using cluster = await RealCluster.start(2, 2);
    await cluster.becomes(200);
    // On a busy machine a worker may take longer to begin than a silence may last.
    const atFirst = cluster.child.stdout.length;
    cluster.child.sendLine("block");
    await cluster.child.waitForLine(/^unblocked$/);
    await cluster.becomes(200);
    expect(cluster.child.stdout.slice(atFirst).filter((line) => line.startsWith("lost"))).toEqual([]);
  });
});
