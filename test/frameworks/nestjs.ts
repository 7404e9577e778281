import { type DynamicModule, Module, type Type } from "@nestjs/common";
import { type AbstractHttpAdapter, NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import { HealthModule } from "@otel-health/nestjs";
import { controllerOf } from "./nestjs-controller.ts";
import type { Serve } from "./serve.ts";

class Root {}
Module({})(Root);

export const serve: Serve = serveOn(() => new ExpressAdapter());

/** The same application on any platform. */
export function serveOn(makeAdapter: () => AbstractHttpAdapter): Serve {
  return async (health, routes, options) => {
    const controllers: Type[] = [controllerOf(routes)];
    const root: DynamicModule = { module: Root, imports: [HealthModule.forRoot({ health, ...options })], controllers };
    const app = await NestFactory.create(root, makeAdapter(), { logger: ["error"] });
    await app.listen(0, "127.0.0.1");
    return { port: app.getHttpServer().address().port, close: () => app.close() };
  };
}
