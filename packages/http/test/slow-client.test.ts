import { createHealth, listenHealth } from "@otel-health/http";
import { RawConnection } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";

describe("a client of listenHealth that takes its time", () => {
  it("is let go of within Node's own limits, while others are served", async () => {
    await using server = await listenHealth(createHealth(), { host: "127.0.0.1" });
    using silent = new RawConnection(server.port);
    using halfway = new RawConnection(server.port);
    halfway.send("GET /livez HTTP/1.1\r\nHost: a\r\n");
    using other = new RawConnection(server.port);
    expect((await other.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").response()).status).toBe(200);
    // Five seconds of real time, and up to one more until Node looks: it takes its time from no clock of ours.
    expect((await halfway.response()).status).toBe(408);
    await Promise.all([silent.closed, halfway.closed]);
  });
});
