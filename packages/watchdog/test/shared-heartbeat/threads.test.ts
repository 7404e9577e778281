import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { createHealth } from "@otel-health/core";
import { recordTransitions } from "@otel-health/core/testing";
import { Child, until } from "@otel-health/testkit";
import { threadHeartbeat } from "@otel-health/watchdog";
import { describe, expect, it, onTestFinished } from "vitest";

const maxAgeMs = 2_000;

async function start() {
  const { check, buffer } = threadHeartbeat({ maxAgeMs });
  const health = createHealth({ checks: { worker: check } });
  const transitions = recordTransitions(health);
  await health.start();
  const release = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(new URL("./beating-thread.ts", import.meta.url), {
    workerData: { heartbeat: buffer, release },
  });
  onTestFinished(async () => {
    await thread.terminate();
    await health.stop();
  });
  const { worker } = health.checks;
  const reaches = (status: string) =>
    until(() => worker.status === status, { timeoutMs: 20_000, describe: () => `${status}: ${worker.status}` });
  await reaches("healthy");
  return { thread, transitions, release, worker, reaches };
}

describe("a thread of the application", () => {
  it("is unhealthy while its loop is blocked, and healthy again when it turns", async () => {
    const { thread, transitions, release, reaches, worker } = await start();
    thread.postMessage("block");
    await reaches("unhealthy");
    expect(worker.snapshot().message).toMatch(/^no beat since 20\d\d-.*Z, \d+ so far$/);
    Atomics.store(release, 0, 1);
    await reaches("healthy");
    expect(transitions.statesOf("worker").slice(-3)).toEqual(["healthy", "unhealthy", "healthy"]);
  });

  it("is unhealthy when it has ended", async () => {
    const { thread, reaches } = await start();
    thread.postMessage("exit");
    await reaches("unhealthy");
  });

  it("is not blamed for a main thread that is blocked", async () => {
    const { transitions, worker } = await start();
    const before = transitions.statesOf("worker").length;
    const nobody = new Int32Array(new SharedArrayBuffer(4));
    const checkedAt = worker.snapshot().checkedAt ?? 0;
    Atomics.wait(nobody, 0, 0, 2 * maxAgeMs);
    // It was looked at since, and found to have beaten.
    await until(() => (worker.snapshot().checkedAt ?? 0) > checkedAt + maxAgeMs, {
      timeoutMs: 20_000,
      describe: "a look",
    });
    expect(transitions.statesOf("worker")).toHaveLength(before);
  });
});

describe("a process that is stopped and goes on", () => {
  it.skipIf(process.platform === "win32")(
    "does not blame its thread for that",
    async () => {
      await using child = new Child({
        command: process.execPath,
        args: [join(import.meta.dirname, "suspended-process.ts")],
      });
      await child.waitForLine(/^healthy$/);
      process.kill(child.pid ?? 0, "SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      process.kill(child.pid ?? 0, "SIGCONT");
      child.sendLine("and now?");
      // From its first beat on: a machine that is busy may let it begin late.
      expect(await child.waitForLine(/^now: /)).toMatch(/^now: .* healthy$/);
      expect(child.stdout.slice(child.stdout.indexOf("healthy"), -1)).toEqual(["healthy"]);
    },
    60_000,
  );
});

describe("@otel-health/watchdog/beat", () => {
  it("loads nothing but itself: a thread is not to pay for it", () => {
    const source = new URL("../../src/", import.meta.url);
    const imports = (file: string): readonly string[] =>
      Array.from(readFileSync(new URL(file, source), "utf8").matchAll(/from "([^"]+)"/g), ([, name = ""]) => name);
    expect(imports("beat.ts")).toEqual(["./shared-heartbeat/beat-through.ts"]);
    expect(imports("shared-heartbeat/beat-through.ts")).toEqual(["./heartbeat-memory.ts"]);
    expect(imports("shared-heartbeat/heartbeat-memory.ts")).toEqual([]);
  });
});
