import { describe, expect, it } from "vitest";
import { CpuQuota, quotaIsRefused } from "./cpu-quota.ts";
import { quick, WatchedProcess, Watching } from "./watched-process.ts";

describe.skipIf(quotaIsRefused())("a process whose quota of CPU is used up", { timeout: 120_000 }, () => {
  it("is unready, and not dead for that, however long its loop takes to turn", async () => {
    using quota = new CpuQuota();
    await using watched = await WatchedProcess.start(quick, `echo $$ >${quota.procs} && exec "$@"`);
    await watched.answers("/readyz", "200 healthy");
    // Seldom: what the answers take of the quota the loop does not get.
    await using watching = new Watching(watched, { everyMs: 500 });
    quota.set(0.1);
    // A turn takes 300 ms of CPU, and so at least 3 s: longer than a loop may be silent that is not starved.
    watched.tell("work");
    const blocked = await watched.hears(
      ({ event, attributes }) =>
        event === "health.loop.blocked" && attributes?.["health.loop.block.cause"] === "starved",
    );
    expect(blocked.attributes).toMatchObject({ "health.loop.block.stage": "unready" });
    expect(blocked.attributes?.["health.loop.block.starved"]).toBeGreaterThan(1);
    expect(blocked.attributes?.["health.loop.block.throttled"]).toBeGreaterThan(0);
    expect(blocked.body).toMatch(/for want of CPU$/);
    expect(watching.readyz).toContain("503 unhealthy");
    watched.release("work");
    quota.set(1);
    await watched.answers("/readyz", "200 healthy");
    expect(new Set(watching.livez)).toEqual(new Set(["200 healthy", "200 degraded"]));
    expect(watched.lastWords).toEqual([]);
  });
});
