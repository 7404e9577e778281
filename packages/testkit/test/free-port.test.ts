import { once } from "node:events";
import { createServer } from "node:net";
import { freePort } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";

describe("freePort", () => {
  it("returns a port that can be listened on", async () => {
    const port = await freePort();
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    expect(server.address()).toMatchObject({ port });
    server.close();
  });
});
