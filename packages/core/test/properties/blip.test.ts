import { createHealth, type RunContext } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "./settings.ts";

const blipMs = 5_000;

type Trouble = "refuses" | "fails slowly" | "hangs until aborted" | "hangs to the end of the blip";

/** A dependency that is up but for one blip. */
class Blipping {
  readonly #clock: FakeClock;
  readonly #answerMs: number;
  readonly #trouble: Trouble;
  #down = false;
  #hanging: (() => void)[] = [];

  constructor(clock: FakeClock, answerMs: number, trouble: Trouble) {
    this.#clock = clock;
    this.#answerMs = answerMs;
    this.#trouble = trouble;
  }

  readonly ping = ({ signal }: RunContext): Promise<void> =>
    new Promise((resolve, reject) => {
      const refuse = () => reject(new Error("down"));
      if (!this.#down) this.#clock.setTimer(resolve, this.#answerMs);
      else if (this.#trouble === "refuses") refuse();
      else if (this.#trouble === "fails slowly") this.#clock.setTimer(refuse, this.#answerMs);
      else if (this.#trouble === "hangs until aborted") signal.addEventListener("abort", refuse);
      else this.#hanging.push(refuse);
    });

  async blip(): Promise<void> {
    this.#down = true;
    await this.#clock.advance(blipMs);
    this.#down = false;
    for (const refuse of this.#hanging) refuse();
  }
}

/** The verdicts of readiness that a blip caused. */
async function verdictsOf(seed: number, phaseMs: number, answerMs: number, trouble: Trouble) {
  const clock = new FakeClock(undefined, seed);
  const dependency = new Blipping(clock, answerMs, trouble);
  const health = createHealth({ clock, checks: { dependency: dependency.ping } });
  await health.start();
  await clock.advance(1_000 + phaseMs);
  expect(health.snapshot().probes.readiness.status).toBe("healthy");
  const verdicts: string[] = [];
  health.on("transition", (transition) => {
    if (transition.type === "probe" && transition.probe === "readiness") verdicts.push(transition.state);
  });
  await dependency.blip();
  const failed = health.snapshot().checks.dependency.consecutiveFailures > 0;
  await clock.advance(30_000);
  const after = health.snapshot().probes.readiness.status;
  return { verdicts, failed, after };
}

describe("a blip of five seconds", () => {
  it("never makes a process unready at the defaults, whenever it comes and however it shows", async () => {
    let noticed = 0;
    const anyTrouble = fc.constantFrom<Trouble>(
      "refuses",
      "refuses",
      "fails slowly",
      "hangs until aborted",
      "hangs to the end of the blip",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2 ** 31 - 2 }),
        fc.noBias(fc.integer({ min: 0, max: 20_000 })),
        fc.integer({ min: 0, max: 900 }),
        anyTrouble,
        async (seed, phaseMs, answerMs, trouble) => {
          const { verdicts, failed, after } = await verdictsOf(seed, phaseMs, answerMs, trouble);
          expect(verdicts).toEqual([]);
          expect(after).toBe("healthy");
          if (failed) noticed++;
        },
      ),
      runs(2_500),
    );
    // Most of the blips were seen by a run: not that nobody looked.
    expect(noticed).toBeGreaterThan(1_000);
  });
});
