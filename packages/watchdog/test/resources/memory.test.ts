import type { Child } from "@otel-health/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryGroup } from "./memory-group.ts";
import { becomes, lookedAfter, said, startResource } from "./resource-child.ts";

const limitBytes = 200 * 2 ** 20;

/** Takes memory, four MiB at a time, until the check fails. */
async function fill(child: Child, firstMiB = 80): Promise<void> {
  child.sendLine(`buffers ${firstMiB}`);
  for (let filled = 1; said(child).at(-1)?.status !== "unhealthy"; filled += 1) {
    child.sendLine("buffers 4");
    await lookedAfter(child, "buffers", filled);
  }
}

const probed = MemoryGroup.make(limitBytes);
probed?.[Symbol.dispose]();
if (probed === undefined)
  process.stderr.write("\n!!! NO CONTROL GROUP can be made here: the tests of a real memory limit are SKIPPED.\n");

describe.skipIf(probed === undefined)("memoryUsed in a real control group", { timeout: 120_000 }, () => {
  let group: MemoryGroup | undefined;
  beforeAll(() => {
    group = MemoryGroup.make(limitBytes);
  });
  afterAll(() => group?.[Symbol.dispose]());

  it("is judged by the group's limit", async () => {
    await using child = await startResource("memory", group?.enter());
    expect(said(child)[0]?.message).toMatch(
      /^the control group's memory is at .* MiB of 200\.0 MiB; RSS is \d+\.\d MiB$/,
    );
    await fill(child);
    expect(said(child).map(({ status }) => status)).toEqual(["healthy", "degraded", "unhealthy"]);
    expect(said(child)[2]?.message).toMatch(/^the control group's memory is at 9[5-9]\.\d % of its limit/);
    expect(said(child)[2]?.hint).toMatch(/the kernel kills/);
  });

  it("is judged by the limit of a group around its own, which Node does not know", async () => {
    await using child = await startResource("memory", group?.enter(group.inner));
    expect(said(child)[0]?.message).toMatch(/ of 200\.0 MiB; RSS is /);
    await fill(child);
  });

  it("counts the other processes of its group, where each alone is far from the limit", async () => {
    await using other = await startResource("memory", group?.enter());
    await using child = await startResource("memory", group?.enter());
    other.sendLine("buffers 70");
    await other.waitForLine(/^looked after buffers$/);
    await fill(child, 10);
    const [, rss = ""] = /RSS is ([\d.]+) MiB/.exec(said(child).at(-1)?.message ?? "") ?? [];
    expect(Number(rss)).toBeLessThan(160);
    await other.stop();
    child.sendLine("release 0");
    await becomes(child, "healthy");
  });
});
