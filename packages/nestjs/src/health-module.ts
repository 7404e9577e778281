import type { Server } from "node:http";
import {
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
  type Provider,
} from "@nestjs/common";
import { HttpAdapterHost, ModulesContainer } from "@nestjs/core";
import { attachHealth, type Endpoints, isHealthError, lastAnswers, systemClock } from "@otel-health/http";
import { answerInjected } from "./answer-injected.ts";
import { checkOptions } from "./check-options.ts";
import type { HealthModuleAsyncOptions, HealthModuleOptions } from "./health-module-options.ts";
import { HEALTH } from "./health-token.ts";

const OPTIONS = Symbol("options of HealthModule");

/**
 * Serves the probes of a health object on the application's own server, before everything that Nest does with a request;
 * starts health when the application is up and drains it when that is closed, before any other module is destroyed. To be
 * imported once, by the root module; every module may then inject `HEALTH`.
 */
export class HealthModule implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  readonly #options: HealthModuleOptions;
  readonly #host: HttpAdapterHost;
  readonly #endpoints: Endpoints;
  #close: () => Promise<void> = async () => {};

  /** Called by Nest. */
  constructor(options: HealthModuleOptions, host: HttpAdapterHost, modules: ModulesContainer) {
    const { health, drainDelayMs: _, closeWithinMs: __, ...endpoints } = options;
    this.#options = options;
    this.#host = host;
    this.#endpoints = health.endpoints(endpoints);
    // Nest orders the hooks of modules by their distance from the root, and destroys the farthest last: that would be a
    // global one. Nearer than the root, this one is started last and closed first.
    for (const module of modules.values()) if (module.metatype === HealthModule) module.distance = -1;
  }

  /** Throws `HealthError` for an option that cannot be meant; one of the endpoints fails the creation of the application. */
  static forRoot(options: HealthModuleOptions): DynamicModule {
    return dynamicModule({ provide: OPTIONS, useValue: checkOptions(options) });
  }

  /** For health that needs other providers, such as a pool to check. */
  static forRootAsync({ imports = [], inject = [], useFactory }: HealthModuleAsyncOptions): DynamicModule {
    const read = async (...injected: unknown[]) => checkOptions(await useFactory(...injected));
    return { ...dynamicModule({ provide: OPTIONS, inject, useFactory: read }), imports };
  }

  onModuleInit(): void {
    // There is neither in an application without HTTP, and no server in a testing module that is no application.
    const adapter = this.#host.httpAdapter;
    const server: Server | undefined = adapter?.getHttpServer();
    if (server === undefined) return;
    attachHealth(server, { endpoints: () => this.#endpoints });
    if (adapter.getType() === "fastify") answerInjected(adapter.getInstance(), this.#endpoints);
    if (this.#options.drainDelayMs !== false) this.#close = this.#closing(server);
  }

  /** Does not wait: the application has to listen, and say that it is starting, while startup tasks are tried again. */
  onApplicationBootstrap(): void {
    this.#options.health.start().catch((error) => {
      if (!isHealthError(error) || error.code !== "startup_aborted") new Logger("HealthModule").error(error.message);
    });
  }

  async onModuleDestroy(): Promise<void> {
    const { health, drainDelayMs = 0 } = this.#options;
    if (drainDelayMs === false) return;
    // One that was drained before is not drained again: this only waits for it.
    await health.drain({ delayMs: drainDelayMs });
    await this.#close();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#endpoints.close();
    if (this.#options.drainDelayMs !== false) await this.#options.health.stop();
  }

  /** What closes the server, as Nest does later, while the other modules still have what requests under way need. */
  #closing(server: Server): () => Promise<void> {
    const { health, closeWithinMs = 5_000 } = this.#options;
    const leave = lastAnswers(server, health);
    return async () => {
      server.close();
      const { promise: cut, resolve } = Promise.withResolvers<void>();
      const cutAll = () => {
        server.closeAllConnections?.();
        // A socket that was handed over, to CONNECT say, is not among them, and is not waited for.
        resolve();
      };
      const timer = systemClock.setTimer(cutAll, closeWithinMs, true);
      await Promise.race([leave(), cut]);
      systemClock.clearTimer(timer);
    };
  }
}
Module({})(HealthModule);
for (const [i, token] of [OPTIONS, HttpAdapterHost, ModulesContainer].entries())
  Inject(token)(HealthModule, undefined, i);

function dynamicModule(options: Provider): DynamicModule {
  const health: Provider = {
    provide: HEALTH,
    inject: [OPTIONS],
    useFactory: (given: HealthModuleOptions) => given.health,
  };
  return { module: HealthModule, global: true, providers: [options, health], exports: [HEALTH] };
}
