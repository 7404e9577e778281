import { type INestApplication, Module, type ModuleMetadata } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import { FakeClock } from "@otel-health/core/testing";
import { createHealth, fail, HEALTH, type Health, HealthModule, type HealthModuleOptions } from "@otel-health/nestjs";
import { RawConnection } from "@otel-health/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeApp, portOf } from "./make-app.ts";
import { platforms } from "./platforms.ts";
import { routesOf } from "./routes-of.ts";

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

/** The status that `path` is answered with, on a connection of its own, and what becomes of that. */
async function ask(app: INestApplication, path: string): Promise<string> {
  using connection = new RawConnection(portOf(app));
  const { status, headers } = await connection.send(get(path)).response();
  return `${status} ${headers.find(([name]) => name.toLowerCase() === "connection")?.[1]}`;
}

function closeAtEnd(app: INestApplication): void {
  onTestFinished(async () => {
    app.getHttpServer().closeAllConnections();
    await app.close();
  });
}

/** A module whose providers say of their life what Nest tells them, as one does that owns a pool. */
function poolModule(log: string[], { global = false } = {}): ModuleMetadata["imports"] {
  class Pool {
    onModuleInit() {
      log.push("init");
    }
    onModuleDestroy() {
      log.push("destroy");
    }
    beforeApplicationShutdown() {
      log.push("before shutdown");
    }
    onApplicationShutdown() {
      log.push("shutdown");
    }
  }
  class PoolModule {}
  Module({})(PoolModule);
  return [{ module: PoolModule, global, providers: [Pool], exports: [Pool] }];
}

const allDestroyed = ["destroy", "destroy", "before shutdown", "before shutdown", "shutdown", "shutdown"];

describe.each(platforms)("HealthModule on %s", (platform, makeAdapter) => {
  it("keeps clear of the global prefix", async () => {
    const health = createHealth();
    const app = await makeApp(makeAdapter(), { imports: [HealthModule.forRoot({ health, prefix: "/internal" })] });
    app.setGlobalPrefix("api");
    await app.listen(0, "127.0.0.1");
    expect(await ask(app, "/internal/livez")).toMatch(/^200 /);
    for (const path of ["/livez", "/api/livez", "/api/internal/livez"]) expect(await ask(app, path)).toMatch(/^404 /);
    expect(health.isHealthRequest({ method: "GET", url: "/internal/livez" })).toBe(true);
    await app.close();
    expect(health.isHealthRequest({ method: "GET", url: "/internal/livez" })).toBe(false);
  });

  it("lets every module inject the health object", async () => {
    const health = createHealth();
    class Feature {}
    Module({})(Feature);
    const injected: unknown[] = [];
    const provider = { provide: "feature", inject: [HEALTH], useFactory: (given: Health) => void injected.push(given) };
    const feature = { module: Feature, providers: [provider] };
    const app = await makeApp(makeAdapter(), { imports: [feature, HealthModule.forRoot({ health })] });
    onTestFinished(() => app.close());
    expect(injected).toEqual([health]);
    expect(injected[0]).toBe(app.get(HEALTH));
  });

  it("is made of other providers by forRootAsync", async () => {
    class Database {}
    Module({})(Database);
    const pool = { ping: () => {} };
    const database = { module: Database, providers: [{ provide: "pool", useValue: pool }], exports: ["pool"] };
    const imports = [
      HealthModule.forRootAsync({
        imports: [database],
        inject: ["pool"],
        useFactory: async ({ ping }: typeof pool) => ({
          health: createHealth({ checks: { pool: { run: ping } } }),
          prefix: "/internal",
        }),
      }),
    ];
    const app = await makeApp(makeAdapter(), { imports });
    await app.listen(0, "127.0.0.1");
    closeAtEnd(app);
    await expect.poll(() => ask(app, "/internal/readyz")).toMatch(/^200 /);
    expect(app.get(HEALTH).snapshot().checks).toHaveProperty("pool");
  });

  it("starts health, and does not wait: the application listens and says that it is starting", async () => {
    const { promise: migrated, resolve: migrate } = Promise.withResolvers<void>();
    const health = createHealth({ startup: { migrate: () => migrated } });
    const app = await makeApp(makeAdapter(), { imports: [HealthModule.forRoot({ health })] });
    await app.listen(0, "127.0.0.1");
    closeAtEnd(app);
    expect(await ask(app, "/startupz")).toMatch(/^503 /);
    migrate();
    await app.get(HEALTH).start();
    expect(await ask(app, "/startupz")).toMatch(/^200 /);
  });

  it("logs a startup that cannot succeed, and whoever starts health again is told", async () => {
    const health = createHealth({ startup: { connect: () => fail("no such database", { fault: "fatal" }) } });
    const errors: unknown[] = [];
    const logger = { log() {}, warn() {}, error: (message: unknown) => void errors.push(message) };
    const app = await makeApp(makeAdapter(), { imports: [HealthModule.forRoot({ health })] }, { logger });
    await app.listen(0, "127.0.0.1");
    closeAtEnd(app);
    await expect(app.get(HEALTH).start()).rejects.toMatchObject({ code: "startup_failed" });
    expect(errors).toEqual([expect.stringContaining("no such database")]);
    expect(await ask(app, "/startupz")).toMatch(/^503 /);
  });

  it("drains before any other module is destroyed, while requests are served", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock });
    const log: string[] = [];
    const imports = [
      ...(poolModule(log) ?? []),
      HealthModule.forRoot({ health, drainDelayMs: 5_000 }),
      ...(poolModule(log, { global: true }) ?? []),
    ];
    const app = await makeApp(makeAdapter(), { imports, controllers: [routesOf({ orders: () => "tea" })] });
    await app.listen(0, "127.0.0.1");
    closeAtEnd(app);
    expect(await ask(app, "/orders")).toBe("200 keep-alive");
    log.length = 0;
    const closed = app.close();
    await expect.poll(() => health.snapshot().lifecycle).toBe("draining");
    await clock.advance(4_999);
    expect(await ask(app, "/orders")).toBe("200 close");
    expect(await ask(app, "/readyz")).toBe("503 keep-alive");
    expect(await ask(app, "/livez")).toBe("200 keep-alive");
    expect(log).toEqual([]);
    await clock.advance(1);
    await closed;
    expect(log).toEqual(allDestroyed);
    expect(health.snapshot().lifecycle).toBe("stopped");
  });

  it("keeps other modules until the requests under way are answered", async () => {
    const health = createHealth();
    const log: string[] = [];
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const { promise: tea, resolve: serveTea } = Promise.withResolvers<string>();
    const orders = () => {
      onAsked();
      return tea;
    };
    const app = await makeApp(makeAdapter(), {
      imports: [HealthModule.forRoot({ health }), ...(poolModule(log) ?? [])],
      controllers: [routesOf({ orders })],
    });
    await app.listen(0, "127.0.0.1");
    closeAtEnd(app);
    log.length = 0;
    using connection = new RawConnection(portOf(app));
    connection.send(get("/orders"));
    await asked;
    const closed = app.close();
    await expect.poll(() => app.getHttpServer().listening).toBe(false);
    expect(log).toEqual([]);
    serveTea("tea");
    const { body, headers } = await connection.response();
    expect(body).toBe("tea");
    expect(headers.map(([name, value]) => `${name.toLowerCase()}: ${value}`)).toContain("connection: close");
    await Promise.all([closed, connection.closed]);
    expect(log).toEqual(["destroy", "before shutdown", "shutdown"]);
  });

  it("waits for requests under way no longer than it was told", async () => {
    const health = createHealth();
    const log: string[] = [];
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const orders = () => {
      onAsked();
      return new Promise(() => {});
    };
    const app = await makeApp(makeAdapter(), {
      imports: [HealthModule.forRoot({ health, closeWithinMs: 0 }), ...(poolModule(log) ?? [])],
      controllers: [routesOf({ orders })],
    });
    await app.listen(0, "127.0.0.1");
    closeAtEnd(app);
    using connection = new RawConnection(portOf(app));
    connection.send(get("/orders"));
    await asked;
    const closed = app.close();
    await Promise.all([closed, connection.closed]);
    expect(connection.received).toBe("");
    expect(log).toContain("destroy");
  });

  it("does not wait again for a drain that is done, nor fail where it is closed twice", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock });
    const imports = [HealthModule.forRoot({ health, drainDelayMs: 60_000 })];
    const app = await makeApp(makeAdapter(), { imports });
    await app.listen(0, "127.0.0.1");
    const drained = health.drain({ delayMs: 1_000 });
    await clock.advance(1_000);
    await drained;
    await app.close();
    await app.close();
  });

  it("leaves health as it is where that was asked for", async () => {
    const health = createHealth();
    onTestFinished(() => health.stop());
    const app = await makeApp(makeAdapter(), { imports: [HealthModule.forRoot({ health, drainDelayMs: false })] });
    await app.listen(0, "127.0.0.1");
    await health.start();
    await app.close();
    expect(health.snapshot().lifecycle).toBe("ready");
  });

  it.each<[what: string, options: object, message: RegExp]>([
    ["a misspelled option", { details: "full" }, /^details is not an option of endpoints/],
    ["a prefix without its slash", { prefix: "internal" }, /^prefix of endpoints must be .*"internal"/],
  ])("fails the creation of the application with %s", async (_what, options, message) => {
    const imports = [HealthModule.forRoot({ health: createHealth(), ...options })];
    await expect(makeApp(makeAdapter(), { imports })).rejects.toThrow(message);
  });

  it("fails the creation of the application where the factory of its options throws", async () => {
    const useFactory = () => {
      throw new Error("no configuration");
    };
    const imports = [HealthModule.forRootAsync({ useFactory })];
    await expect(makeApp(makeAdapter(), { imports })).rejects.toThrow("no configuration");
    const bad = [HealthModule.forRootAsync({ useFactory: () => ({}) as HealthModuleOptions })];
    await expect(makeApp(makeAdapter(), { imports: bad })).rejects.toThrow(/^health of HealthModule must be /);
  });

  if (platform === "Fastify")
    it("answers injected probes, and lets through everything else", async () => {
      const health = createHealth();
      const adapter = new FastifyAdapter();
      const app = await makeApp(adapter, {
        imports: [HealthModule.forRoot({ health })],
        controllers: [routesOf({ orders: () => "tea" })],
      });
      await app.init();
      onTestFinished(() => app.close());
      const { status, body } = health.respond({ method: "GET", url: "/livez" }) ?? {};
      expect(await adapter.inject({ url: "/livez" })).toMatchObject({ statusCode: status, body });
      expect(await adapter.inject({ method: "POST", url: "/livez" })).toMatchObject({ statusCode: 405 });
      expect(await adapter.inject({ url: "/orders" })).toMatchObject({ statusCode: 200, body: "tea" });
      expect(await adapter.inject({ url: "/nothing" })).toMatchObject({ statusCode: 404 });
    });
});

describe("HealthModule without HTTP", () => {
  it("starts and drains health", async () => {
    const health = createHealth();
    const log: string[] = [];
    class Root {}
    Module({ imports: [HealthModule.forRoot({ health }), ...(poolModule(log) ?? [])] })(Root);
    const context = await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
    await context.get(HEALTH).start();
    expect(health.snapshot().lifecycle).toBe("ready");
    await context.close();
    expect(health.snapshot().lifecycle).toBe("stopped");
    expect(log).toEqual(["init", "destroy", "before shutdown", "shutdown"]);
  });
});

describe("HealthModule.forRoot", () => {
  const health = createHealth();

  it.each<[what: string, options: unknown, message: RegExp]>([
    ["nothing", undefined, /^options of HealthModule must be an object, got undefined$/],
    ["no health object", {}, /^health of HealthModule must be what createHealth\(\) returns, got undefined$/],
    ["a text", { health: "healthy" }, /^health of HealthModule must be .* got "healthy"$/],
    ["a delay that is none", { health, drainDelayMs: -1 }, /^drainDelayMs of .* from 0 to 2147483647, got -1$/],
    ["a delay too long for a timer", { health, drainDelayMs: 2 ** 31 }, /^drainDelayMs of .* got 2147483648$/],
    ["a delay of true", { health, drainDelayMs: true }, /^drainDelayMs of .* got true$/],
    ["a big integer", { health, closeWithinMs: 5n }, /^closeWithinMs of HealthModule must be milliseconds .* got 5n$/],
    ["an object for a time", { health, closeWithinMs: {} }, /^closeWithinMs of .* got an object$/],
  ])("refuses %s where it is given", (_what, options, message) => {
    expect(() => HealthModule.forRoot(options as HealthModuleOptions)).toThrow(message);
  });
});
