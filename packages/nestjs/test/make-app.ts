import { type INestApplication, Module, type ModuleMetadata } from "@nestjs/common";
import { type AbstractHttpAdapter, NestFactory } from "@nestjs/core";

/** An application of one root module, which prints nothing and does not end the process where it can't be made. */
export async function makeApp(
  adapter: AbstractHttpAdapter,
  metadata: ModuleMetadata,
  options: object = {},
): Promise<INestApplication> {
  class Root {}
  Module(metadata)(Root);
  return await NestFactory.create(Root, adapter, { logger: false, abortOnError: false, ...options });
}

/** The port that it listens on. */
export function portOf(app: INestApplication): number {
  return app.getHttpServer().address().port;
}
