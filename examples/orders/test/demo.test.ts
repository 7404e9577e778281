import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { Child } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";

const folder = join(import.meta.dirname, "..");
const runNode = (...args: string[]) => new Child({ command: process.execPath, args, cwd: folder });

/** Every claim of the story, in its order. */
const claims = [
  "it is alive, but not started and not ready, and says what it waits for",
  "the database is there: it connects, migrates and is ready",
  "it takes an order, and its outbox worker announces it",
  "a run of the check fails; the check is still healthy",
  "the next run passes: the blip is absorbed, readiness was 200 throughout",
  "readiness turns 503 once the check is unhealthy; liveness stays 200",
  "the full report tells why, under an incident id",
  "the metrics page says so",
  "the log has one line about it, with that id",
  "the collector has an event, with that id",
  "the collector has the transition as a span of that trace, linked to the failed runs",
  "the database is back, and so is readiness",
  "the collector has the outage as a span, from the first failure to the recovery",
  "hang: it accepts, and never answers. Readiness 503 and back, liveness 200",
  "slow: each packet comes 800 ms late. Readiness 503 and back, liveness 200",
  "readiness is degraded, and stays 200",
  "orders are served without it",
  "the cache is back, and readiness healthy",
  "its readiness is 200 still, and the check of it reads why: degraded here as well",
  "the supplier is well again, and so is the service",
  "readiness turns 503: the check has changed six times in ten minutes, it flaps",
  "the database is back, and readiness waits for five clean minutes; liveness stays 200",
  "readiness says so at once, while requests are still served",
  "liveness was 200 in every probe since the start",
  "it exits with 0, with nothing on stderr",
  "the collector has its last words",
  "the orders have left spans, probes and scrapes have left none",
  "its own port is silent; the watchdog's answers: not ready, but alive",
  "after 5 s (by default 30) liveness turns 503 as well",
  "whoever restarts it finds the blocking function in the log and in the termination file",
  "the forecast is done: the loop turns, and readiness is back",
  "the collector has the block as an event and as a span, with the stack",
  "the metrics page counts it",
];

/** The claims that the output marks so. */
function marked({ stdout }: Child, mark: "✓" | "✗"): readonly string[] {
  return stdout.flatMap((line) => line.split(` s ${mark} `)[1] ?? []);
}

/** Whoever listened on the addresses that the demo has printed is gone. */
async function expectNothingLeft({ stdout }: Child): Promise<void> {
  const ports = stdout.flatMap((line) => /^ {2}\w.*(?:localhost|127\.0\.0\.1):(\d+)/.exec(line)?.[1] ?? []);
  expect(ports).toHaveLength(9);
  for (const port of ports) {
    const [error] = await once(connect(Number(port), "127.0.0.1"), "error");
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
  }
}

describe("demo.ts --once", () => {
  it("observes every claim, exits with 0 and leaves nothing running", { timeout: 180_000 }, async () => {
    await using demo = runNode("demo.ts", "--once");
    expect(await demo.exited, demo.output).toEqual({ code: 0, signal: null });
    expect(marked(demo, "✓")).toEqual(claims);
    expect(demo.stdout.at(-1)).toMatch(`All ${claims.length} claims were observed`);
    expect(demo.stderr).toEqual([]);
    await expectNothingLeft(demo);
  });

  it("exits with 1 and says what it saw where a claim is false", { timeout: 120_000 }, async () => {
    // The proxy breaks nothing any more once it has let the service through.
    const sabotaged = `
      import { runDemo } from "./demo/run.ts";
      import { openStage } from "./demo/stage.ts";
      async function open() {
        const stage = await openStage();
        const setMode = stage.proxy.setMode.bind(stage.proxy);
        stage.proxy.setMode = (mode) => setMode(mode === "refuse" ? "pass" : mode);
        return stage;
      }
      process.exit(await runDemo({ once: true, open }));`;
    await using demo = runNode("--input-type=module", "--eval", sabotaged);
    expect(await demo.exited, demo.output).toEqual({ code: 1, signal: null });
    expect(marked(demo, "✓")).toEqual(claims.slice(0, 5));
    expect(marked(demo, "✗")).toEqual([claims[5]]);
    expect(demo.output).toMatch(/instead +readiness fails: not within 15 s, there was \{"status":200/);
    expect(demo.stdout.at(-1)).toBe(`Not so: ${claims[5]}`);
    await expectNothingLeft(demo);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("leaves nothing running on %s", { timeout: 120_000 }, async (signal) => {
    await using demo = runNode("demo.ts", "--once");
    await demo.waitForLine(/^ *[\d.]+ s ✓/, { timeoutMs: 90_000 });
    expect(await demo.stop({ signal, timeoutMs: 20_000 })).toEqual({ code: 130, signal: null });
    expect(demo.stderr).toEqual([]);
    await expectNothingLeft(demo);
  });
});
