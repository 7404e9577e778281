import { FakeClock, settle } from "@otel-health/core/testing";
import { createHealth, healthEndpoints } from "@otel-health/fastify";
import { RawConnection } from "@otel-health/testkit";
import type { FastifyInstance } from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { fastifies } from "./fastifies.ts";
import { served } from "./served.ts";

/** Well below the 72 seconds for which Fastify keeps an idle connection. */
const soon = { timeout: 10_000 };

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

async function startedHealth() {
  const clock = new FakeClock();
  const health = createHealth({ clock });
  onTestFinished(() => health.stop());
  await health.start();
  return { clock, health };
}

/** The status that `path` is answered with, on a connection of its own, and what becomes of that. */
async function ask(port: number, path: string): Promise<string> {
  using connection = new RawConnection(port);
  const { status, headers } = await connection.send(get(path)).response();
  return `${status} ${headers.find(([name]) => name.toLowerCase() === "connection")?.[1]}`;
}

/** What a plugin that owns something says of its life. */
function witness(app: FastifyInstance, log: string[]): void {
  app.register((instance, _options, done) => {
    instance.addHook("preClose", async () => void log.push("preClose"));
    instance.addHook("onClose", async () => void log.push("onClose"));
    done();
  });
}

describe.each(fastifies)("closing an application of Fastify %s", (_version, makeApp) => {
  it("makes readiness fail at once and serves on for the delay, each answer the last of its connection", async () => {
    const { clock, health } = await startedHealth();
    const app = makeApp();
    const log: string[] = [];
    witness(app, log);
    await app.register(healthEndpoints(health, { drainDelayMs: 5_000 }));
    witness(app, log);
    app.get("/orders", async () => "tea");
    const port = await served(app);
    expect(await ask(port, "/orders")).toBe("200 keep-alive");
    const closed = app.close();
    await expect.poll(() => health.snapshot().lifecycle).toBe("draining");
    await clock.advance(4_999);
    expect(await ask(port, "/orders")).toBe("200 close");
    expect(await ask(port, "/readyz")).toBe("503 keep-alive");
    expect(await ask(port, "/livez")).toBe("200 keep-alive");
    expect(await app.inject({ url: "/readyz" })).toMatchObject({ statusCode: 503 });
    expect(log).toEqual([]);
    await clock.advance(1);
    await closed;
    expect(log).toEqual(["preClose", "preClose", "onClose", "onClose"]);
    await expect(ask(port, "/livez")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(health.snapshot().lifecycle).toBe("stopped");
  });

  it("drains without a delay where none is asked for", async () => {
    const { health } = await startedHealth();
    const app = makeApp();
    await app.register(healthEndpoints(health));
    const phases = new Set<string>();
    app.addHook("preClose", async () => void phases.add(health.snapshot().lifecycle));
    app.addHook("onClose", async () => void phases.add(health.snapshot().lifecycle));
    await served(app);
    await app.close();
    expect([...phases]).toEqual(["draining"]);
    expect(health.snapshot().lifecycle).toBe("stopped");
  });

  it("does not wait again for a drain that is done", soon, async () => {
    const { clock, health } = await startedHealth();
    const app = makeApp();
    await app.register(healthEndpoints(health, { drainDelayMs: 60_000 }));
    await served(app);
    const drained = health.drain({ delayMs: 1_000 });
    await clock.advance(1_000);
    await drained;
    await app.close();
  });

  it("answers what is under way, as the last of its connection, and lets go of idle connections", soon, async () => {
    const { health } = await startedHealth();
    const app = makeApp();
    await app.register(healthEndpoints(health));
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const { promise: tea, resolve: serveTea } = Promise.withResolvers<string>();
    app.get("/orders", () => {
      onAsked();
      return tea;
    });
    const port = await served(app);
    using idle = new RawConnection(port);
    await idle.send(get("/livez")).response();
    using busy = new RawConnection(port);
    busy.send(get("/orders"));
    await asked;
    const closed = app.close();
    await idle.closed;
    serveTea("tea");
    const { body, headers } = await busy.response();
    expect(body).toBe("tea");
    expect(headers.map(([name, value]) => `${name.toLowerCase()}: ${value}`)).toContain("connection: close");
    await Promise.all([closed, busy.closed]);
  });

  it("leaves health as it is where that was asked for", async () => {
    const { health } = await startedHealth();
    const app = makeApp();
    await app.register(healthEndpoints(health, { drainDelayMs: false }));
    await served(app);
    await app.close();
    expect(health.snapshot().lifecycle).toBe("ready");
  });

  it("that never listened takes no longer, and drains", soon, async () => {
    for (const use of [(app: FastifyInstance) => app.inject({ url: "/livez" }), async () => {}]) {
      const { health } = await startedHealth();
      const app = makeApp();
      app.register(healthEndpoints(health));
      await use(app);
      await app.close();
      await settle();
      expect(health.snapshot().lifecycle).toBe("stopped");
    }
  });
});
