import { createHealth } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "./settings.ts";

const blipMs = 5_000;

/** How a dependency does not work: refuses at once, answers late with an error, hangs and hears the signal, or not even that. */
const anyTrouble = fc.constantFrom("refuses", "fails slowly", "hangs until aborted", "hangs till the end");

describe("a blip of five seconds", () => {
  it("never makes a process unready at the defaults, whenever it comes and however it shows", async () => {
    let blips = 0;
    let bad = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2 ** 31 - 2 }),
        fc.nat({ max: 20_000 }),
        fc.integer({ min: 1, max: 900 }),
        anyTrouble,
        async (seed, phaseMs, answerMs, trouble) => {
          const clock = new FakeClock(undefined, seed);
          let down = false;
          let released: (() => void)[] = [];
          const run = ({ signal }: { readonly signal: AbortSignal }) =>
            new Promise<void>((resolve, reject) => {
              const refuse = () => reject(new Error("down"));
              if (!down) clock.setTimer(resolve, answerMs);
              else if (trouble === "refuses") refuse();
              else if (trouble === "fails slowly") clock.setTimer(refuse, answerMs);
              else if (trouble === "hangs until aborted") signal.addEventListener("abort", refuse);
              else released.push(refuse);
            });
          const health = createHealth({ clock, checks: { dependency: run } });
          await health.start();
          await clock.advance(1_000);
          const verdicts: string[] = [health.snapshot().probes.readiness.status];
          health.on("transition", (transition) => {
            if (transition.type === "probe" && transition.probe === "readiness") verdicts.push(transition.state);
          });
          await clock.advance(phaseMs);
          down = true;
          await clock.advance(blipMs);
          down = false;
          for (const release of released) release();
          released = [];
          await clock.advance(30_000);
          if (verdicts.length > 1) bad++;
          const stopped = health.stop();
          await clock.advance(1_000);
          await stopped;
          expect(health.snapshot().version).toBeGreaterThan(0);
          blips++;
        },
      ),
      runs(2000),
    );
    expect(bad).toBe(0);
    expect(blips).toBeGreaterThan(100);
  });
});
