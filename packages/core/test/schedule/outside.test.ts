import { AsyncLocalStorage } from "node:async_hooks";
import { createHealth, systemClock } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

/** What an application keeps for the length of a request: its user, its transaction. */
const requests = new AsyncLocalStorage<string>();

describe("a request that sets something going", () => {
  it("is not the one in which checks run, then or later", async () => {
    const clock = new FakeClock();
    const users: (string | undefined)[] = [];
    let runNow = () => {};
    const health = createHealth({
      clock,
      checks: {
        one: {
          run: async () => {
            users.push(requests.getStore());
            await settle();
            users.push(requests.getStore());
          },
          attach: (run) => {
            runNow = run;
            return () => {};
          },
          jitter: 0,
        },
      },
    });
    await health.start();
    users.length = 0;
    await requests.run("ann", async () => {
      // Each runs at once, or arms a timer.
      runNow();
      await clock.advance(100);
      const refreshed = health.refresh();
      await clock.advance(100);
      await refreshed;
      await clock.advance(30_000);
      expect(requests.getStore()).toBe("ann");
    });
    expect(users.length).toBeGreaterThanOrEqual(6);
    expect(new Set(users)).toEqual(new Set([undefined]));
    await health.stop();
  });

  it("is not the one in which a timer of the clock fires", async () => {
    const user = Promise.withResolvers<string | undefined>();
    requests.run("ann", () => systemClock.setTimer(() => user.resolve(requests.getStore()), 0, true));
    expect(await user.promise).toBeUndefined();
  });
});
