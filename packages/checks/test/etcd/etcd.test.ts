import { type EtcdClient, type EtcdOptions, type EtcdStatus, etcd } from "@otel-health/checks/etcd";
import { isHealthError } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { Etcd3 } from "etcd3";
import { describe, expect, it, vi } from "vitest";
import { complaint, outcomeOf, Running } from "../running.ts";

const good: EtcdStatus = { leader: "7", errors: [], isLearner: false };
const silence = () => new Promise<never>(() => {});

function scripted({
  read = async (): Promise<unknown> => ({ kvs: [] }),
  status = async (): Promise<unknown> => good,
} = {}) {
  const exec = vi.fn(read);
  const get = vi.fn((_key: string) => ({ exec }));
  const client = { get, maintenance: { status: vi.fn(status) as unknown as () => Promise<EtcdStatus> } };
  return { client: client satisfies EtcdClient, exec, get };
}
const failing = (message: string) => async () => {
  throw new Error(message);
};
const denied = failing("7 PERMISSION_DENIED: etcdserver: permission denied");

describe("etcd()", () => {
  it("reads one key and asks for the status, at once", async () => {
    const { client, get } = scripted();
    expect(await outcomeOf(etcd(client))).toBeUndefined();
    expect(get).toHaveBeenCalledExactlyOnceWith("health");
    expect(client.maintenance.status).toHaveBeenCalledOnce();
    await outcomeOf(etcd(client, { key: "config/app" }));
    expect(get).toHaveBeenLastCalledWith("config/app");
  });

  it("is a dependency's check, with a hint for silence", () => {
    expect(etcd(scripted().client)).toMatchObject({ external: true, hint: expect.stringContaining("majority") });
  });

  it.each<[string, unknown, object | undefined]>([
    ["a leader", good, undefined],
    ["no leader", { ...good, leader: "0" }, { status: "fail", errorType: "no_leader" }],
    [
      "an alarm",
      { ...good, errors: ["memberID:1 alarm:NOSPACE "] },
      { status: "fail", errorType: "NOSPACE", fault: "persistent" },
    ],
    [
      "two alarms",
      { ...good, errors: ["memberID:1 alarm:NOSPACE ", "memberID:2 alarm:CORRUPT "] },
      { status: "fail", errorType: "CORRUPT" },
    ],
    [
      "an alarm that is new",
      { ...good, errors: ["memberID:1 alarm:SMOKE "] },
      { status: "warn", message: "alarms: SMOKE" },
    ],
    ["what is no alarm", { ...good, errors: ["something"] }, undefined],
    ["a learner", { ...good, isLearner: true }, { status: "warn" }],
    ["an old server, which says little", { leader: "7" }, undefined],
    ["nothing", undefined, { status: "fail" }],
    ["null", null, { status: "fail" }],
    ["no text", { leader: 7 }, { status: "fail" }],
    ["no list", { leader: "7", errors: "alarm:NOSPACE" }, { status: "fail" }],
  ])("judges the status: %s", async (_what, status, expected) => {
    const outcome = await outcomeOf(etcd(scripted({ status: async () => status }).client));
    if (expected === undefined) expect(outcome).toBeUndefined();
    else expect(outcome).toMatchObject(expected);
  });

  it.each<[unknown]>([[undefined], [null], [{}], [{ kvs: "cat" }], ["cat"]])(
    "fails for a read that brings %j",
    async (answer) => {
      expect(await outcomeOf(etcd(scripted({ read: async () => answer }).client))).toMatchObject({ status: "fail" });
    },
  );

  it("does not wait for the read where the status is bad, and waits where it is good", async () => {
    const noLeader = scripted({ read: silence, status: async () => ({ ...good, leader: "0" }) });
    expect(await outcomeOf(etcd(noLeader.client))).toMatchObject({ errorType: "no_leader" });
    for (const parts of [{ read: silence }, { status: silence }]) {
      const run = new Running(etcd(scripted(parts).client));
      await settle();
      run.abort();
      expect(await run.outcome).toMatchObject({ status: "fail", errorType: "timeout" });
    }
  });

  it("fails where the read fails, whatever the status", async () => {
    const read = failing("14 UNAVAILABLE: etcdserver: request timed out");
    expect(await outcomeOf(etcd(scripted({ read }).client))).toMatchObject({ errorType: "request_timeout" });
    expect(await outcomeOf(etcd(scripted({ read, status: silence }).client))).toMatchObject({
      errorType: "request_timeout",
    });
  });

  it("counts a key that may not be read as an answer, unless it was named", async () => {
    expect(await outcomeOf(etcd(scripted({ read: denied }).client))).toBeUndefined();
    expect(await outcomeOf(etcd(scripted({ read: denied }).client, { key: "a" }))).toMatchObject({
      errorType: "permission_denied",
      fault: "fatal",
    });
    // The status is for everybody.
    expect(await outcomeOf(etcd(scripted({ status: denied }).client))).toMatchObject({
      errorType: "permission_denied",
    });
  });

  it.each<[string, string, string | undefined]>([
    [
      "14 UNAVAILABLE: No connection established. Last error: connect ECONNREFUSED 127.0.0.1:2379",
      "ECONNREFUSED",
      undefined,
    ],
    [
      "14 UNAVAILABLE: No connection established. Last error: certificate has expired",
      "CERT_HAS_EXPIRED",
      "persistent",
    ],
    ["14 UNAVAILABLE: etcdserver: no leader", "no_leader", undefined],
    ["14 UNAVAILABLE: etcdserver: leader changed", "no_leader", undefined],
    ["3 INVALID_ARGUMENT: etcdserver: authentication failed, invalid user ID or password", "authentication", "fatal"],
    ["16 UNAUTHENTICATED: etcdserver: invalid auth token", "authentication", "fatal"],
    ["3 INVALID_ARGUMENT: etcdserver: user name is empty", "authentication", "fatal"],
    ["9 FAILED_PRECONDITION: etcdserver: authentication is not enabled", "authentication", "fatal"],
    ["8 RESOURCE_EXHAUSTED: etcdserver: too many requests", "overloaded", undefined],
    ["Tried to call a KV method on etcd3, but the client was already closed", "client_closed", "persistent"],
    ["Execution prevented because the circuit breaker is open", "circuit_open", undefined],
  ])("sorts: %s", async (message, errorType, fault) => {
    const outcome = await outcomeOf(etcd(scripted({ read: failing(message) }).client));
    expect(outcome).toMatchObject({ status: "fail", errorType, hint: expect.any(String) });
    expect(outcome?.fault).toBe(fault);
  });

  it("says why while the client asks nothing after failures", async () => {
    const read = vi.fn(
      failing("14 UNAVAILABLE: No connection established. Last error: connect ECONNREFUSED 127.0.0.1:2379"),
    );
    const open = failing("Execution prevented because the circuit breaker is open");
    const { client } = scripted();
    const both = etcd({ get: () => ({ exec: read }), maintenance: client.maintenance });
    expect(await outcomeOf(both)).toMatchObject({ errorType: "ECONNREFUSED" });
    read.mockImplementation(open);
    expect(await outcomeOf(both)).toMatchObject({ errorType: "ECONNREFUSED" });
    read.mockImplementation((async () => ({ kvs: [] })) as unknown as typeof open);
    expect(await outcomeOf(both)).toBeUndefined();
    read.mockImplementation(open);
    expect(await outcomeOf(both)).toMatchObject({ errorType: "circuit_open" });
  });

  it("says that nothing was answered while the client asks nothing after failures that came too late", async () => {
    const read = vi.fn<() => Promise<unknown>>(silence);
    const check = etcd(scripted({ read }).client);
    const run = new Running(check);
    await settle();
    run.abort();
    expect(await run.outcome).toMatchObject({ errorType: "timeout" });
    read.mockImplementation(failing("Execution prevented because the circuit breaker is open"));
    expect(await outcomeOf(check)).toMatchObject({
      status: "fail",
      errorType: "timeout",
      message: expect.stringMatching(/no answer within/),
    });
  });

  it("leaves no more than three questions of each kind, and hands no answer to a run that is over", async () => {
    const { client, exec } = scripted({ read: silence, status: async () => ({ ...good, leader: "0" }) });
    const check = etcd(client);
    const clock = new FakeClock();
    for (let i = 0; i < 6; i++) expect(await outcomeOf(check, clock)).toMatchObject({ errorType: "no_leader" });
    expect(exec).toHaveBeenCalledTimes(3);
    const asked: PromiseWithResolvers<unknown>[] = [];
    const late = scripted({
      read: () => {
        asked.push(Promise.withResolvers());
        return (asked.at(-1) as PromiseWithResolvers<unknown>).promise;
      },
    });
    const status = vi.mocked(late.client.maintenance.status);
    status.mockResolvedValueOnce({ ...good, leader: "0" });
    const second = etcd(late.client);
    await outcomeOf(second, clock);
    status.mockResolvedValue(good);
    const run = new Running(second, clock);
    await settle();
    expect(asked).toHaveLength(2);
    asked[0]?.resolve({ kvs: [] });
    expect(await run.outcome).toBeUndefined();
  });

  it("survives errors that throw when they are read", async () => {
    const hostile = async () => {
      throw Object.defineProperty(new Error(), "message", {
        get: () => {
          throw new Error("no");
        },
      });
    };
    expect(await outcomeOf(etcd(scripted({ read: hostile }).client))).toMatchObject({ status: "fail" });
    expect(
      await outcomeOf(
        etcd(
          scripted({
            read: async () => {
              throw undefined;
            },
          }).client,
        ),
      ),
    ).toMatchObject({ status: "fail" });
  });

  it("takes an Etcd3, and not a namespace of it", () => {
    const client = new Etcd3({ hosts: "http://127.0.0.1:1" });
    expect(etcd(client)).toMatchObject({ external: true });
    expect(complaint(() => etcd(client.namespace("a") as unknown as EtcdClient))).toContain(
      "not a namespace of it, got an instance of Namespace",
    );
    client.close();
  });

  it.each<[unknown, object, string]>([
    [undefined, {}, "got undefined; create the client before the check"],
    [{ get() {} }, {}, "an Etcd3 of etcd3"],
    [scripted().client, { key: "" }, "key of etcd()"],
    [scripted().client, { key: 7 }, "key of etcd()"],
    [scripted().client, { role: "any" }, "role"],
  ])("refuses %o with %j", (client, options, expected) => {
    const call = () => etcd(client as EtcdClient, options as EtcdOptions);
    expect(complaint(call)).toContain(expected);
    expect(call).toThrow(expect.toSatisfy(isHealthError));
  });
});
