import { mqtt } from "@otel-health/checks/mqtt";
import { type FunctionCheck, systemClock } from "@otel-health/core";
import { startFaultProxy, until } from "@otel-health/testkit";
import { connect as connectMqtt, type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Mosquitto, mosquittoPrograms, startMosquitto } from "../servers/mosquitto.ts";
import { missing } from "../servers/require-server.ts";

const ask = (check: FunctionCheck, signal: AbortSignal = new AbortController().signal) =>
  check.run({ signal, clock: systemClock, timeoutMs: 2_000 });

describe.skipIf(missing(...mosquittoPrograms))("mqtt() on a real broker", () => {
  let server: Mosquitto;
  const clients: MqttClient[] = [];

  beforeAll(async () => {
    server = await startMosquitto();
  });
  afterAll(async () => {
    for (const client of clients) await client.endAsync(true);
    await server?.[Symbol.asyncDispose]();
  });

  function connect(options: IClientOptions = {}): MqttClient {
    const client = connectMqtt({
      host: "127.0.0.1",
      port: server.port,
      username: "app",
      password: "right",
      reconnectPeriod: 50,
      reconnectOnConnackError: true,
      ...options,
    });
    clients.push(client);
    return client;
  }
  const isWell = (check: FunctionCheck) =>
    until(async () => (await ask(check)) === undefined, { describe: "it is well" });
  const said = (check: FunctionCheck, errorType: string) =>
    until(
      async () => {
        const outcome = await ask(check);
        return outcome?.errorType === errorType && outcome;
      },
      { describe: `it says ${errorType}` },
    );

  it.each([3, 4, 5] as const)(
    "asks with a PINGREQ, and leaves nothing behind, in protocol version %d",
    async (version) => {
      const client = connect({
        protocolVersion: version,
        ...(version === 3 && { protocolId: "MQIsdp" }),
      });
      const check = mqtt(client);
      const sent: string[] = [];
      await isWell(check);
      const listeners = client.eventNames().map((name) => client.listenerCount(name as "connect"));
      client.on("packetsend", ({ cmd }) => sent.push(cmd));
      expect(await ask(check)).toBeUndefined();
      expect(sent).toEqual(["pingreq"]);
      client.removeAllListeners("packetsend");
      expect(client.eventNames().map((name) => client.listenerCount(name as "connect"))).toEqual(listeners);
      expect(client.queue).toEqual([]);
    },
  );

  it("sends few questions to a broker that hangs, and goes on once it answers", async () => {
    const client = connect();
    const check = mqtt(client);
    await isWell(check);
    const sent: string[] = [];
    client.on("packetsend", ({ cmd }) => sent.push(cmd));
    server.pause();
    for (let run = 0; run < 5; run++) {
      const controller = new AbortController();
      const running = ask(check, controller.signal);
      controller.abort(new Error("time is up"));
      expect(await running).toMatchObject({ status: "fail", message: "time is up" });
    }
    expect(sent).toEqual(["pingreq", "pingreq", "pingreq"]);
    server.resume();
    await isWell(check);
    await until(() => client.listenerCount("packetreceive") === 0, { describe: "all are answered" });
  });

  it("is not content with a broker that takes longer than a run may, however often it is asked", async () => {
    await using proxy = await startFaultProxy({ target: { host: "127.0.0.1", port: server.port }, slowMs: 150 });
    const client = connect({ port: proxy.port });
    const check = mqtt(client);
    await isWell(check);
    await proxy.setMode("slow");
    const timeoutMs = 200;
    const briefly = () => check.run({ signal: AbortSignal.timeout(timeoutMs), clock: systemClock, timeoutMs });
    for (let run = 0; run < 6; run++) expect(await briefly()).toMatchObject({ status: "fail", errorType: "timeout" });
    await proxy.setMode("pass");
    await isWell(check);
    await client.endAsync(true);
  });

  it("sends nothing while there is no connection, and says why", async () => {
    const client = connect();
    const check = mqtt(client);
    const stop = check.attach?.(() => {});
    await isWell(check);
    await server.stop();
    expect(await said(check, "ECONNREFUSED")).toMatchObject({ status: "fail", hint: expect.any(String) });
    expect(client.queue).toEqual([]);
    await server.setPassword("rotated");
    await server.start();
    expect(await said(check, "authorization")).toMatchObject({ status: "fail", fault: "fatal" });
    await server.setPassword("right");
    await isWell(check);
    stop?.();
  });

  it("suspects another with the same clientId, of which this broker does not tell", async () => {
    const options = { clientId: "twin", reconnectPeriod: 0 } as const;
    const client = connect(options);
    const check = mqtt(client);
    await isWell(check);
    connect(options);
    expect(await said(check, "disconnected")).toMatchObject({ hint: expect.stringContaining("clientId") });
  });

  it("knows a client that the application has ended", async () => {
    const client = connect();
    const check = mqtt(client);
    await isWell(check);
    await client.endAsync();
    expect(await ask(check)).toMatchObject({ errorType: "client_closed", fault: "persistent" });
    expect(() => mqtt(client)).toThrow("client of mqtt() is closed already");
  });
});
