import { type FastifyInstance, type FastifyServerOptions, fastify } from "fastify";
import { fastify as fastify4 } from "fastify4";

/** Makes an application. */
export type MakeApp = (options?: FastifyServerOptions) => FastifyInstance;

/** The newest and the oldest line that the package supports; the tests call only what both have. */
export const fastifies: readonly (readonly [version: string, makeApp: MakeApp])[] = [
  ["5", (options = {}) => fastify(options)],
  ["4", fastify4 as unknown as MakeApp],
];
