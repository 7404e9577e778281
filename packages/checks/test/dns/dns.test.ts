import { dns } from "@otel-health/checks/dns";
import { describe, expect, it } from "vitest";
import { diagnoseDns } from "../../src/dns/diagnose.ts";
import { judgeRecords, readExpected } from "../../src/dns/judge-records.ts";
import { complaint } from "../running.ts";

describe("dns", () => {
  it.each([
    [undefined, {}, "hostname of dns() must be a host name"],
    ["", {}, "hostname of dns()"],
    ["10.0.0.1", {}, "hostname of dns()"],
    ["::1", {}, "hostname of dns()"],
    ["a".repeat(254), {}, "hostname of dns()"],
    ["a", { type: "ANY" }, 'type of dns() must be "lookup", "A", "AAAA"'],
    ["a", { servers: [] }, "servers of dns() must be an array of IP addresses"],
    ["a", { servers: ["ns.example.com"] }, "servers of dns()"],
    ["a", { servers: ["10.0.0.1:0"] }, "servers of dns()"],
    ["a", { servers: ["10.0.0.1:"] }, "servers of dns()"],
    ["a", { servers: ["[10.0.0.1"] }, "servers of dns()"],
    ["a", { servers: ["[::1]:65536"] }, "servers of dns()"],
    ["a", { servers: "10.0.0.1" }, "servers of dns()"],
    ["a", { servers: ["10.0.0.1"], type: "lookup" }, "type of dns() must be a record type where `servers` is given"],
    ["a", { expect: [] }, "expect of dns() must be an array of answers or a function"],
    ["a", { expect: [5] }, "expect of dns()"],
    ["a", { expect: "10.0.0.1" }, "expect of dns()"],
    ["a", { server: "10.0.0.1" }, "server is not an option of dns()"],
  ])("refuses %j with %j", (hostname, options, message) => {
    expect(complaint(() => dns(hostname as never, options as never))).toContain(message);
  });

  it.each(["10.0.0.1", "10.0.0.1:5353", "::1", "[::1]:5353"])("takes %s for a name server", (server) => {
    expect(dns("a", { servers: [server] })).toMatchObject({ external: true });
  });
});

describe("judgeRecords", () => {
  const judge = (records: readonly string[], expected?: Parameters<typeof readExpected>[1]) =>
    judgeRecords(records, readExpected("dns()", expected));

  it("wants at least one answer, and takes any", () => {
    expect(judge(["10.0.0.1"])).toBeUndefined();
    expect(judge([])).toMatchObject({ status: "fail", errorType: "ENODATA" });
  });

  it("wants the answers that are expected and no others, in any order", () => {
    expect(judge(["b", "a", "a"], ["a", "b"])).toBeUndefined();
    expect(judge(["a"], ["a", "b"])).toMatchObject({ status: "fail", errorType: "unexpected_answer" });
    expect(judge(["a", "b", "c"], ["a", "b"])).toMatchObject({ message: expect.stringContaining("a, b, c") });
  });

  it("asks a function, which sees each answer once", () => {
    const seen: (readonly string[])[] = [];
    judge(["b", "a", "b"], (records) => {
      seen.push(records);
      return true;
    });
    expect(seen).toEqual([["a", "b"]]);
    expect(judge(["a"], () => false)).toMatchObject({ status: "fail" });
    expect(judge(["a"], (async () => true) as never)).toMatchObject({ errorType: "no_verdict", fault: "persistent" });
  });

  it("shows five of many", () => {
    expect(judge(["a", "b", "c", "d", "e", "f"], () => false)?.message).toContain("a, b, c, d, e, …,");
  });
});

describe("diagnoseDns", () => {
  it.each([
    ["ESERVFAIL", undefined],
    ["EREFUSED", "persistent"],
    ["ENODATA", undefined],
    ["ETIMEOUT", undefined],
    ["EBADNAME", "fatal"],
  ])("knows %s", (code, fault) => {
    const diagnosis = diagnoseDns(undefined, code);
    expect(diagnosis?.hint).toEqual(expect.any(String));
    expect(diagnosis?.fault).toBe(fault);
  });

  it("leaves what it does not know", () => {
    expect(diagnoseDns(undefined, "ENOTFOUND")).toBeUndefined();
    expect(diagnoseDns(undefined, "constructor")).toBeUndefined();
  });
});
