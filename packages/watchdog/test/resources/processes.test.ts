import { totalmem } from "node:os";
import { until } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import { missing } from "../../../../test/servers/require-server.ts";
import { becomes, lookedAfter, said, startResource } from "./resource-child.ts";

// A machine that does much else at the same time takes long.
describe("resources of a real process", { timeout: 120_000 }, () => {
  const percentage = `--max-old-space-size-percentage=${(128.5 * 2 ** 20 * 100) / totalmem()}`;
  const knowsIt = process.allowedNodeEnvironmentFlags.has("--max-old-space-size-percentage");
  it.each(["--max-old-space-size=128", ...(knowsIt ? [percentage] : [])])(
    "heap: filled under %s until nearly nothing is left, and emptied",
    async (flag) => {
      // On a machine that is busy V8 would give up where much garbage is collected for little, well before the limit.
      const early = "--no-detect-ineffective-gcs-near-heap-limit";
      await using child = await startResource("heap", [], [flag, early, "--expose-gc"]);
      child.sendLine("fill 96");
      for (let filled = 1; said(child).at(-1)?.status !== "unhealthy"; filled += 1) {
        child.sendLine("fill 2");
        // A look at the heap after each.
        await lookedAfter(child, "fill", filled);
      }
      expect(said(child).map(({ status }) => status)).toEqual(["healthy", "degraded", "unhealthy"]);
      expect(said(child)[1]?.message).toMatch(/^the heap is at [89]\d\.\d % of its limit, .* MiB, above 80\.0 %$/);
      expect(said(child)[2]?.message).toMatch(/^the heap is at 9\d\.\d % of its limit, .* MiB, above 95\.0 %$/);
      expect(said(child)[2]?.hint).toMatch(/--max-old-space-size/);
      child.sendLine("release 0");
      await becomes(child, "healthy");
    },
  );

  it.skipIf(process.platform !== "linux")("open files: opened until none is left, and closed", async () => {
    // Node raises its soft limit to the hard one.
    await using child = await startResource("open_files", ["sh", "-c", 'ulimit -n 64; exec "$0" "$@"']);
    for (let opened = 0; said(child).at(-1)?.status === "healthy"; opened += 1) {
      child.sendLine("open 1");
      await lookedAfter(child, "open", opened);
    }
    expect((await becomes(child, "degraded")).message).toMatch(/^5\d of 64 file descriptors are open, 8\d\.\d %/);
    child.sendLine("open 64");
    await child.waitForLine(/^EMFILE$/);
    expect((await becomes(child, "unhealthy")).hint).toMatch(/ulimit -n/);
    child.sendLine("release 0");
    await becomes(child, "healthy");
  });

  it("thread pool: full of long jobs, and drained", async () => {
    await using child = await startResource("thread_pool");
    // However fast the machine is.
    for (let round = 0; said(child).at(-1)?.status !== "unhealthy"; round += 1) {
      child.sendLine("hash 4");
      await lookedAfter(child, "hash", round);
    }
    const { message, hint } = await becomes(child, "unhealthy");
    expect(message).toMatch(/^a job waited [\d.]+ s for the thread pool, a dns.lookup [\d.]+ s, above 1 s$/);
    expect(hint).toMatch(/UV_THREADPOOL_SIZE/);
    await becomes(child, "healthy");
  });

  const canIsolate = process.platform === "linux" && process.getuid?.() === 0 && !missing("unshare", "ip");
  if (!canIsolate)
    process.stderr.write("\n!!! NOT ROOT ON LINUX: the tests in a namespace of their own are SKIPPED.\n");

  it.skipIf(!canIsolate)(
    "thread pool: lookups that a silent name server holds, while other jobs go through",
    async () => {
      // With a name server of its own that never answers: nothing leaves the machine, and all in it end together.
      const namespace = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
      const setUp = [
        "ip link set lo up",
        "conf=$(mktemp)",
        "printf 'nameserver 127.0.0.1\\noptions timeout:30 attempts:1\\n' >$conf",
        'mount --bind $conf "$(readlink -f /etc/resolv.conf)"',
        `"$0" --eval 'require("node:dgram").createSocket("udp4").bind(53, "127.0.0.1", () => console.log("silent"))' &`,
        '"$0" "$@"',
      ].join("\n");
      await using child = await startResource("thread_pool", [...namespace, "sh", "-c", setUp]);
      await child.waitForLine(/^silent$/);
      child.sendLine("lookups 4");
      const { message } = await becomes(child, "unhealthy");
      expect(message).toMatch(/^a job waited \d+ ms for the thread pool, a dns.lookup [\d.]+ s, above 1 s$/);
    },
  );

  it("event loop: blocked again and again, and let go", async () => {
    await using child = await startResource("loop_delay");
    child.sendLine("block 200");
    const { message, hint } = await becomes(child, "degraded");
    expect(message).toMatch(/^the event loop was late by \d+ ms \(p99\), \d+ ms at most, above 100 ms$/);
    expect(hint).toMatch(/profile the CPU/);
    child.sendLine("release 0");
    await becomes(child, "healthy");
  });

  it("event loop: never idle, and idle again", async () => {
    await using child = await startResource("loop_utilization");
    child.sendLine("block 100");
    expect((await becomes(child, "degraded")).message).toMatch(
      /^the event loop was busy for \d+\.\d % of the time, above/,
    );
    child.sendLine("release 0");
    await becomes(child, "healthy");
  });

  it("garbage collection: more of it than anything else, and none", async () => {
    await using child = await startResource("gc", [], ["--expose-gc"]);
    child.sendLine("collect 300000");
    const { status, message } = await until(
      () => said(child).find(({ status }) => status === "degraded" || status === "unhealthy"),
      { describe: () => child.output, timeoutMs: 20_000 },
    );
    expect(message).toMatch(
      new RegExp(
        `^garbage collection took \\d+\\.\\d % of the last 1 s, above ${status === "degraded" ? 20 : 50}\\.0 %$`,
      ),
    );
    child.sendLine("release 0");
    await becomes(child, "healthy");
  });

  it("handles: a leak of timers, and its end", async () => {
    await using child = await startResource("handles");
    child.sendLine("leak 10");
    const { message, hint } = await becomes(child, "degraded");
    expect(message).toMatch(/^Timeout grew by \d+\.\d a minute for 1\.6 s, to \d+$/);
    expect(hint).toMatch(/timers that are not cleared/);
    child.sendLine("release 0");
    await becomes(child, "healthy");
  });

  it.each(["heap", "memory", "gc", "loop_delay", "loop_utilization", "thread_pool", "handles", "open_files"])(
    "%s: keeps no process alive",
    async (resource) => {
      await using child = await startResource(resource);
      child.sendLine("leave 0");
      expect(await child.exited).toEqual({ code: 0, signal: null });
    },
  );
});
