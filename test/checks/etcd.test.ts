import { type EtcdOptions, etcd } from "@otel-health/checks/etcd";
import { type FunctionCheck, systemClock } from "@otel-health/core";
import { until } from "@otel-health/testkit";
import { Etcd3, type IOptions } from "etcd3";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Etcd, etcdPrograms, startEtcd } from "../servers/etcd.ts";
import { missing } from "../servers/require-server.ts";

const ask = async (check: FunctionCheck, timeoutMs = 2_000) =>
  (await check.run({ signal: AbortSignal.timeout(timeoutMs), clock: systemClock, timeoutMs })) ?? undefined;
const becomes = (check: FunctionCheck, expected: string | undefined, timeoutMs = 25_000) =>
  until(
    async () => {
      const outcome = await ask(check);
      return (outcome?.errorType ?? outcome?.status) === expected && { outcome };
    },
    { describe: `becomes ${expected ?? "well"}`, timeoutMs },
  ).then(({ outcome }) => outcome);

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});
function clientOf(members: readonly Etcd[], options: Partial<IOptions> = {}): Etcd3 {
  const client = new Etcd3({
    hosts: members.map(({ port }) => `http://127.0.0.1:${port}`),
    grpcOptions: { "grpc.initial_reconnect_backoff_ms": 100, "grpc.max_reconnect_backoff_ms": 200 },
    ...options,
  });
  closing.push(() => client.close());
  return client;
}
const checkOf = (members: readonly Etcd[], options?: EtcdOptions) => etcd(clientOf(members), options);

describe.skipIf(missing(...etcdPrograms))("etcd() on one real member", () => {
  let members: readonly Etcd[];
  let member: Etcd;
  beforeAll(async () => {
    members = await startEtcd();
    [member] = members as [Etcd];
  });
  afterAll(() => member?.[Symbol.asyncDispose]());

  it("passes, and changes nothing", async () => {
    const revision = () => member.ask(async (client) => (await client.get("health").exec()).header.revision);
    const raft = () => member.ask(async (client) => (await client.maintenance.status()).raftIndex);
    const before = [await revision(), await raft()];
    const check = checkOf(members);
    for (let run = 0; run < 3; run++) expect(await ask(check)).toBeUndefined();
    expect([await revision(), await raft()]).toEqual(before);
  });

  it.each(["Nospace", "Corrupt"] as const)("fails while the alarm %s is on", async (alarm) => {
    const check = checkOf(members);
    await member.ask((client) => client.maintenance.alarm({ action: "Activate", alarm }));
    const errorType = alarm.toUpperCase();
    expect(await ask(check)).toMatchObject({
      status: "fail",
      errorType,
      fault: "persistent",
      hint: expect.stringContaining("disarm"),
    });
    await member.ask((client) => client.maintenance.alarm({ action: "Deactivate", alarm }));
    expect(await ask(check)).toBeUndefined();
  });

  it("says that it is gone, and passes when it is back", async () => {
    const check = checkOf(members);
    expect(await ask(check)).toBeUndefined();
    await member.stop();
    await becomes(check, "ECONNREFUSED");
    // The client asks nothing for a while; why is still known.
    for (let run = 0; run < 5; run++) expect(await ask(check)).toMatchObject({ errorType: "ECONNREFUSED" });
    await member.start();
    await becomes(check, undefined);
  });

  it("tells a wrong password, a missing one, and a key that may not be read", async () => {
    await member.ask(async (client) => {
      await client.role("root").create();
      await (await client.user("root").create("secret")).addRole("root");
      await client.user("app").create("right");
      await client.auth.authEnable();
    });
    const as = (password: string, options?: EtcdOptions) =>
      ask(etcd(clientOf(members, { auth: { username: "app", password } }), options));
    // It may read nothing, and has proof of a leader and a majority all the same.
    expect(await as("right")).toBeUndefined();
    expect(await as("right", { key: "secrets" })).toMatchObject({ errorType: "permission_denied", fault: "fatal" });
    expect(await as("wrong")).toMatchObject({ errorType: "authentication", fault: "fatal" });
    expect(await ask(checkOf(members))).toMatchObject({ errorType: "authentication", fault: "fatal" });
    await member.ask((client) => client.auth.authDisable(), { username: "root", password: "secret" });
    expect(await as("right")).toMatchObject({
      errorType: "authentication",
      hint: expect.stringContaining("does not want"),
    });
    expect(await ask(checkOf(members))).toBeUndefined();
  });

  it("says that the client is closed", async () => {
    const client = clientOf(members);
    const check = etcd(client);
    expect(await ask(check)).toBeUndefined();
    client.close();
    expect(await ask(check)).toMatchObject({ errorType: "client_closed", fault: "persistent" });
  });
});

describe.skipIf(missing(...etcdPrograms))("etcd() on a real cluster", () => {
  let members: readonly Etcd[];
  beforeAll(async () => {
    members = await startEtcd(3);
  });
  afterAll(() => Promise.all(members?.map((member) => member[Symbol.asyncDispose]()) ?? []));

  it("passes with one member gone, fails without a majority, and passes when that is back", async () => {
    const [first, second, third] = members as [Etcd, Etcd, Etcd];
    const whole = checkOf(members);
    const alone = checkOf([first]);
    for (const check of [whole, alone]) expect(await ask(check)).toBeUndefined();
    await third.stop();
    for (const check of [whole, alone]) await becomes(check, undefined);
    await second.stop();
    expect(await becomes(alone, "no_leader")).toMatchObject({
      status: "fail",
      hint: expect.stringContaining("most members"),
    });
    for (let run = 0; run < 3; run++) expect(await ask(whole)).toMatchObject({ status: "fail" });
    await Promise.all([second.start(), third.start()]);
    for (const check of [whole, alone]) await becomes(check, undefined);
  }, 60_000);
});
