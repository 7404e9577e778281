import { FastifyAdapter } from "@nestjs/platform-fastify";
import { serveOn } from "./nestjs.ts";
import type { Serve } from "./serve.ts";

export const serve: Serve = serveOn(() => new FastifyAdapter());
