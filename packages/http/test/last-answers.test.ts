import { createHealth, lastAnswers } from "@otel-health/http";
import { RawConnection } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import { served } from "./served.ts";

describe("lastAnswers", () => {
  it("waits for no answer whose connection is gone, also where Node does not say so", async () => {
    await using health = createHealth();
    let asked = 0;
    let leave = () => Promise.resolve();
    await using server = await served(
      ({ url }, response) => {
        asked++;
        if (url === "/queued") response.end("[]");
      },
      (made) => {
        leave = lastAnswers(made, health);
      },
    );
    using connection = new RawConnection(server.port);
    const requests = ["GET /slow", "GET /queued", "CONNECT orders:443"];
    connection.send(requests.map((line) => `${line} HTTP/1.1\r\nHost: orders\r\n\r\n`).join(""));
    await connection.closed;
    await leave();
    expect(asked).toBe(2);
  });
});
