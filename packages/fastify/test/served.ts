import type { FastifyInstance } from "fastify";
import { onTestFinished } from "vitest";
import { portOf } from "./port-of.ts";

/** Starts to listen on 127.0.0.1 and returns the port; the test closes the application at its end. */
export async function served(app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => {
    app.server.closeAllConnections();
    return app.close();
  });
  return portOf(app);
}
