import { tcp } from "@otel-health/checks/tcp";
import { describe, expect, it } from "vitest";
import { complaint } from "../running.ts";

describe("tcp", () => {
  it.each([
    [undefined, {}, "the endpoint of tcp() must be an object { host, port }, got undefined"],
    ["localhost:80", {}, "the endpoint of tcp() must be an object"],
    [{ host: "", port: 1 }, {}, "host of tcp() must be a name or an address"],
    [{ host: "a", port: 0 }, {}, "port of tcp() must be a port from 1 to 65535, got 0"],
    [{ host: "a", port: "80" }, {}, "port of tcp()"],
    [{ host: "a", port: 1, tls: true }, {}, 'the endpoint of tcp() must be an object of host, port, got "tls"'],
    [{ host: "a", port: 1 }, { send: 5, expect: "a" }, "send of tcp() must be a string or bytes"],
    [{ host: "a", port: 1 }, { send: "PING" }, "expect of tcp() must be given where `send` is"],
    [{ host: "a", port: 1 }, { expect: "" }, "expect of tcp()"],
    [{ host: "a", port: 1 }, { banner: "a" }, "banner is not an option of tcp()"],
    [{ host: "a", port: 1 }, null, "tcp() must be an object of options, got null"],
  ])("refuses %j with %j", (endpoint, options, message) => {
    expect(complaint(() => tcp(endpoint as never, options as never))).toContain(message);
  });

  it("looks beyond the process", () => {
    expect(tcp({ host: "a", port: 1 })).toMatchObject({ external: true, hint: expect.any(String) });
  });
});
