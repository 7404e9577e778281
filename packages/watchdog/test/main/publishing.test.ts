import { DiagLogLevel, diag } from "@opentelemetry/api";
import { createHealth, gate, type Health, push } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { Publishing } from "../../src/main/publishing.ts";
import { type Publication, PublicationReader } from "../../src/memory/publication.ts";
import { createTripleBuffer, TripleReader, TripleWriter } from "../../src/memory/triple-buffer.ts";

interface SceneOptions {
  readonly health?: Health;
  readonly clock?: FakeClock;
  readonly maxBytes?: number;
}

/** What is published of a health object, as the other thread reads it. */
class Scene {
  readonly clock: FakeClock;
  readonly health: Health;
  readonly publishing: Publishing;
  readonly #reader: PublicationReader;
  #seen: Publication;
  /** What one rendering costs, on the clock. */
  costMs = 0;
  #spentMs = 0;
  renders = 0;

  constructor({ clock = new FakeClock(), health, maxBytes = 1_000_000 }: SceneOptions = {}) {
    this.clock = clock;
    this.health = health ?? createHealth({ clock, checks: { maintenance: gate(), queue: push() } });
    const rendering = (options: Parameters<Health["endpoints"]>[0]) => {
      const endpoints = this.health.endpoints(options);
      const render = () => {
        this.renders++;
        this.#spentMs += this.costMs;
        return endpoints.render();
      };
      return { ...endpoints, render };
    };
    const { on, report, snapshot, verdict } = this.health;
    const now = () => clock.now() + this.#spentMs;
    this.publishing = new Publishing({ on, report, snapshot, verdict, endpoints: rendering }, {}, { now });
    const plans = this.publishing.plans();
    const buffer = createTripleBuffer(maxBytes);
    this.publishing.publishTo(new TripleWriter(buffer));
    this.#reader = new PublicationReader(new TripleReader(buffer), plans);
    this.#seen = this.#reader.latest();
    this.renders = 0;
  }

  /** Whether something was published since the last call. */
  published(): boolean {
    const latest = this.#reader.latest();
    const isNew = latest !== this.#seen;
    this.#seen = latest;
    return isNew;
  }

  /** The JSON of a probe as it is published. */
  json(probe: string): { status: string; lifecycle?: string; checks?: object } {
    const plans = this.publishing.plans();
    const plan = plans.findIndex((each) => each.probe === probe && each.format === "json");
    return JSON.parse(this.#reader.latest().answer(plan).response.body);
  }

  failure(): string | undefined {
    return this.#reader.latest().failure;
  }

  /** So many beats, one each 100 ms. */
  async beats(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.clock.advance(100);
      this.publishing.beat(this.clock.now() + this.#spentMs);
    }
  }
}

const ignore = () => {};

describe("Publishing", () => {
  it("publishes a verdict at once, whichever probe's it is, with every answer of the moment", async () => {
    const scene = new Scene();
    expect(scene.json("readiness").status).toBe("unhealthy");
    await scene.health.start();
    expect(scene.json("startup")).toEqual(scene.health.report("startup", { detail: "summary" }));
    const { maintenance, queue } = scene.health.checks as unknown as {
      maintenance: { close(): void; open(): void };
      queue: { pass(): void };
    };
    queue.pass();
    expect(scene.json("readiness")).toEqual(scene.health.report("readiness", { detail: "summary" }));
    expect(scene.json("readiness").status).toBe("healthy");
    maintenance.close();
    expect(scene.json("readiness").status).toBe("unhealthy");
    expect(scene.json("serving").status).toBe("unhealthy");
    scene.health.fatal("out of tea");
    expect(scene.json("liveness").status).toBe("unhealthy");
    expect(scene.failure()).toBe("fatal since 2026-11-22T13:00:00Z: out of tea");
  });

  it("publishes the phase of life at once, also where no verdict changes with it", async () => {
    const scene = new Scene();
    await scene.health.start();
    (scene.health.checks as unknown as { maintenance: { close(): void } }).maintenance.close();
    expect(scene.json("readiness")).toMatchObject({ status: "unhealthy", lifecycle: "ready" });
    scene.health.retire();
    expect(scene.json("readiness")).toMatchObject({ status: "unhealthy", lifecycle: "retiring" });
    void scene.health.drain({ delayMs: 0 });
    expect(scene.json("readiness")).toMatchObject({ status: "unhealthy", lifecycle: "draining" });
  });

  it("publishes runs every five seconds, and nothing where nothing changed", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { quick: { run: () => {}, intervalMs: 100, jitter: 0 } } });
    const scene = new Scene({ clock, health });
    await health.start();
    await scene.beats(5);
    scene.published();
    let published = 0;
    for (let i = 0; i < 250; i++) {
      await scene.beats(1);
      if (scene.published()) published++;
    }
    expect(published).toBe(5);
    while (!scene.published()) await scene.beats(1);
    expect(scene.json("readiness")).toEqual(health.report("readiness", { detail: "summary" }));
    await health.unregister("quick");
    await scene.beats(50);
    scene.published();
    await scene.beats(100);
    expect(scene.published()).toBe(false);
  });

  it("publishes a state that changes no verdict within a second", async () => {
    const clock = new FakeClock();
    const health = createHealth({
      clock,
      checks: { one: push({ critical: false }), other: push({ critical: false }) },
    });
    const scene = new Scene({ clock, health: health as unknown as Health });
    await health.start();
    health.checks.one.fail("gone", { fault: "fatal" });
    health.checks.other.pass();
    await clock.advance(60_000);
    health.checks.one.fail("gone");
    await scene.beats(30);
    expect(scene.json("readiness").status).toBe("degraded");
    scene.published();
    health.checks.other.warn("slow");
    expect(scene.published()).toBe(false);
    await scene.beats(10);
    expect(scene.json("readiness")).toMatchObject({ status: "degraded", checks: { other: { status: "degraded" } } });
  });

  it("does not let a storm of changes block the loop: what is left is published with the next beat", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { maintenance: gate() } });
    await health.start();
    const scene = new Scene({ clock, health: health as unknown as Health });
    scene.costMs = 4;
    for (let i = 0; i < 1_000; i++) {
      if (i % 2 === 0) health.checks.maintenance.close();
      else health.checks.maintenance.open();
    }
    expect(scene.renders).toBe(3);
    await scene.beats(1);
    expect(scene.renders).toBe(4);
    expect(scene.json("readiness").status).toBe("healthy");
    // From the beat on it is at once again.
    health.checks.maintenance.close();
    expect(scene.json("readiness").status).toBe("unhealthy");
  });

  it("takes a fiftieth of the loop's time at most where nothing urgent changes", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { quick: { run: () => {}, intervalMs: 100, jitter: 0 } } });
    const scene = new Scene({ clock, health });
    await health.start();
    scene.costMs = 100;
    await scene.beats(60);
    scene.renders = 0;
    await scene.beats(600);
    // A minute, of which it may take 1.2 s.
    expect(scene.renders).toBeGreaterThan(8);
    expect(scene.renders).toBeLessThanOrEqual(12);
  });

  it("tells the verdicts alone from the first time on that all is too long, and says so once", async () => {
    const warned: unknown[][] = [];
    const logger = { error: ignore, info: ignore, debug: ignore, verbose: ignore };
    diag.setLogger({ ...logger, warn: (...args: unknown[]) => warned.push(args) }, DiagLogLevel.WARN);
    onTestFinished(() => diag.disable());
    const clock = new FakeClock();
    const checks = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`check-${i}`, () => {}]));
    const options = { clock, checks, groups: { all: { checks: ["check-1"], detail: "full" as const } } };
    const health = createHealth(options);
    await health.start();
    await clock.advance(15_000);
    const scene = new Scene({ clock, health: health as unknown as Health, maxBytes: 12_000 });
    const warning = expect.stringMatching(/^otel-health: there are too many checks .* the verdicts alone$/);
    expect(warned).toEqual([[warning, expect.any(RangeError)]]);
    for (const probe of ["readiness", "all"]) {
      expect(scene.json(probe)).toEqual({ status: "healthy", timestamp: expect.any(String) });
    }
    void health.drain({ delayMs: 0 });
    expect(scene.json("readiness").status).toBe("unhealthy");
    expect(warned).toHaveLength(1);
  });

  it("says why liveness fails with the reasons that probes do not tell, ten checks at most", async () => {
    const clock = new FakeClock();
    const names = Array.from({ length: 12 }, (_, i) => `loop-${i}`);
    const run = () => {
      throw new Error("stuck".repeat(100));
    };
    const check = { run, probes: ["liveness"], external: false } as const;
    const health = createHealth({ clock, checks: Object.fromEntries(names.map((name) => [name, check])) });
    const scene = new Scene({ clock, health: health as unknown as Health });
    void health.start();
    expect(scene.failure()).toBeUndefined();
    await clock.advance(1_000);
    expect(scene.failure()).toMatch(/^loop-\d+ is unhealthy since [^;]*; loop-\d+: (stuck){40}$/);
    await scene.beats(10);
    const failure = scene.failure() ?? "";
    expect(failure).toMatch(/^loop-0 is unhealthy since .* and 9 more; loop-0: (stuck){40}; loop-1: /);
    expect(failure.split("; ")).toHaveLength(11);
    await health.stop();
  });

  it("hears of nothing any more once it is closed", async () => {
    const scene = new Scene();
    scene.publishing.close();
    await scene.health.start();
    await scene.beats(20);
    expect(scene.published()).toBe(false);
    expect(scene.health.isHealthRequest({ method: "GET", url: "/elsewhere" })).toBe(false);
    expect(scene.renders).toBe(0);
  });
});
