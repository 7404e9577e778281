import { describe, expect, it } from "vitest";
import { SystemdPings } from "../../src/worker/systemd-pings.ts";

function pings() {
  const sent: string[] = [];
  const notifier = { send: (...states: readonly string[]) => void sent.push(...states), watchdogIntervalMs: 1_000 };
  return { sent, pings: new SystemdPings(notifier, 1_000) };
}

describe("SystemdPings", () => {
  it("ping at once, and then as often as systemd asks, however often they look", () => {
    const { sent, pings: all } = pings();
    for (let now = 5_000; now <= 8_000; now += 100) all.look(now, false);
    expect(sent).toEqual(Array.from({ length: 4 }, () => "WATCHDOG=1"));
  });

  it("are silent while liveness fails, and go on when it does not any more", () => {
    const { sent, pings: all } = pings();
    for (let now = 0; now <= 10_000; now += 100) all.look(now, true);
    expect(sent).toEqual([]);
    all.look(10_100, false);
    expect(sent).toEqual(["WATCHDOG=1"]);
  });
});
