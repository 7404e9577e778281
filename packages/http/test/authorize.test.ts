import { createHealth, healthMiddleware, push } from "@otel-health/http";
import { RawConnection } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import { served } from "./served.ts";

async function failing(authorize: () => Promise<boolean>) {
  const health = createHealth({ checks: { db: push() }, endpoints: { authorize } });
  await health.start();
  health.checks.db.fail("connect ECONNREFUSED");
  return health;
}

describe("an authorize that answers later", () => {
  it.each([
    [true, true],
    [false, false],
  ])("of %s shows the reasons: %s, and holds up no other request", async (allowed, shown) => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    await using health = await failing(() => promise);
    await using server = await served(healthMiddleware(health, { authorize: () => promise }));
    using asking = new RawConnection(server.port);
    using other = new RawConnection(server.port);
    const waiting = asking.send("GET /readyz?verbose HTTP/1.1\r\nHost: a\r\n\r\n").response();
    const plain = await other.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").response();
    expect(plain).toMatchObject({ status: 503 });
    resolve(allowed);
    const { status, body } = await waiting;
    expect([status, body.includes("ECONNREFUSED")]).toEqual([503, shown]);
  });

  it("writes nothing where the server has answered meanwhile", async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    await using health = await failing(() => promise);
    const middleware = healthMiddleware(health, { authorize: () => promise });
    await using server = await served((request, response) => {
      middleware(request, response);
      response.writeHead(408, { "Content-Length": 8 }).end("too late");
      resolve(true);
    });
    using connection = new RawConnection(server.port);
    const response = await connection.send("GET /readyz?verbose HTTP/1.1\r\nHost: a\r\n\r\n").response();
    expect(response).toMatchObject({ status: 408, body: "too late" });
  });
});
