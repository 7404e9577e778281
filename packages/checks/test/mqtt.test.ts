import { EventEmitter, errorMonitor } from "node:events";
import { type MqttClient, mqtt } from "@otel-health/checks/mqtt";
import type { FunctionCheck } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import type { MqttClient as RealClient } from "mqtt";
import { beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import { diagnoseMqtt } from "../src/mqtt/diagnose.ts";
import { complaint, outcomeOf, Running } from "./running.ts";

/** A client whose broker the test is. */
class ScriptedClient extends EventEmitter implements MqttClient {
  connected = true;
  disconnecting = false;
  disconnected = false;
  reconnecting = false;
  pings = 0;
  answers = true;

  sendPing(): void {
    this.pings++;
    if (this.answers) this.emit("packetreceive", { cmd: "pingresp" });
  }
  lose(): void {
    this.connected = false;
    this.reconnecting = true;
    this.emit("close");
  }
  get listening(): number {
    return [...this.eventNames()].reduce((sum, name) => sum + this.listenerCount(name), 0);
  }
}

function client(more: Partial<ScriptedClient> = {}): ScriptedClient {
  return Object.assign(new ScriptedClient(), more);
}

const refusal = (code: number) => Object.assign(new Error("Connection refused: no"), { code });

describe("mqtt", () => {
  it("passes when the broker answers, and listens no longer", async () => {
    const given = client();
    expect(await outcomeOf(mqtt(given))).toBeUndefined();
    expect(given).toMatchObject({ pings: 1, listening: 0 });
  });

  it("takes no other packet for an answer", async () => {
    const given = client({ answers: false });
    const running = new Running(mqtt(given));
    given.emit("packetreceive", { cmd: "publish" });
    running.abort();
    expect(await running.outcome).toMatchObject({ status: "fail", errorType: "timeout" });
    given.emit("packetreceive", { cmd: "pingresp" });
    expect(given.listening).toBe(0);
  });

  it("has three questions out at most, and hears their answers between its runs", async () => {
    const given = client({ answers: false });
    const check = mqtt(given);
    const stop = check.attach?.(() => {});
    const run = async () => {
      const running = new Running(check);
      running.abort();
      await running.outcome;
    };
    for (let i = 0; i < 5; i++) await run();
    expect(given.pings).toBe(3);
    given.emit("packetreceive", { cmd: "pingresp" });
    await run();
    await run();
    expect(given.pings).toBe(4);
    // Whichever it is that answers now.
    const running = new Running(check);
    given.emit("packetreceive", { cmd: "pingresp" });
    expect(await running.outcome).toBeUndefined();
    // None of those that are out will be answered on another connection.
    given.emit("close");
    for (let i = 0; i < 5; i++) await run();
    expect(given.pings).toBe(7);
    stop?.();
    expect(given.listening).toBe(0);
  });

  describe("of a broker that is slow", () => {
    let clock: FakeClock;
    let given: ScriptedClient;
    let check: FunctionCheck;
    beforeEach(() => {
      clock = new FakeClock();
      given = client({ answers: false });
      check = mqtt(given);
    });
    const pong = () => given.emit("packetreceive", { cmd: "pingresp" });
    const timesOut = async (running: Running, ms: number) => {
      await clock.advance(ms);
      running.abort();
      expect(await running.outcome).toMatchObject({ status: "fail", errorType: "timeout" });
    };

    it("does not pass by answering the run before, and does by an answer that is not late", async () => {
      await timesOut(new Running(check, clock), 2_000);
      await clock.advance(250);
      const second = new Running(check, clock);
      expect(given.pings).toBe(2);
      await clock.advance(750);
      pong();
      await settle();
      expect(given.pings).toBe(3);
      await timesOut(second, 1_250);
      const third = new Running(check, clock);
      // The second's first was asked 2 s ago, and its other one after that.
      await clock.advance(1);
      pong();
      await settle();
      pong();
      expect(await third.outcome).toBeUndefined();
    });

    it("asks again once there is room for it, where all answers were late", async () => {
      for (let i = 0; i < 3; i++) await timesOut(new Running(check, clock), 2_000);
      const running = new Running(check, clock);
      await clock.advance(1);
      expect(given.pings).toBe(3);
      for (let i = 0; i < 3; i++) pong();
      await settle();
      expect(given.pings).toBe(4);
      pong();
      expect(await running.outcome).toBeUndefined();
      expect(given.listening).toBe(0);
    });
  });

  it("fails at once where the connection is lost meanwhile, and asks on the next one", async () => {
    const given = client({ answers: false });
    const check = mqtt(given);
    const running = new Running(check);
    given.lose();
    expect(await running.outcome).toMatchObject({ status: "fail", errorType: "disconnected" });
    expect(given.listening).toBe(0);
    Object.assign(given, { connected: true, answers: true });
    expect(await outcomeOf(check)).toBeUndefined();
  });

  it("sends nothing while there is no connection", async () => {
    const given = client({ connected: false, reconnecting: true });
    const check = mqtt(given);
    expect(await outcomeOf(check)).toMatchObject({ errorType: "disconnected", hint: expect.stringContaining("again") });
    given.reconnecting = false;
    expect((await outcomeOf(check))?.hint).toContain("reconnectOnConnackError");
    expect(given.pings).toBe(0);
  });

  it("says why there is no connection, as long as that holds, and stops to listen", async () => {
    const given = client({ connected: false });
    // The application's.
    const handle = () => {};
    given.on("error", handle);
    const check = mqtt(given);
    const stop = check.attach?.(() => {});
    expect(given.listenerCount(errorMonitor)).toBe(1);
    given.emit("error", Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));
    expect(await outcomeOf(check)).toMatchObject({
      errorType: "ECONNREFUSED",
      hint: expect.stringContaining("listens"),
    });
    given.emit("error", refusal(5));
    expect(await outcomeOf(check)).toMatchObject({ errorType: "authorization", fault: "fatal" });
    given.emit("disconnect", { reasonCode: 142 });
    expect(await outcomeOf(check)).toMatchObject({ errorType: "session_taken_over", fault: "persistent" });
    given.emit("disconnect", undefined);
    expect(await outcomeOf(check)).toMatchObject({ status: "fail", errorType: "Error" });
    given.emit("connect");
    expect(await outcomeOf(check)).toMatchObject({ errorType: "disconnected" });
    stop?.();
    expect(given.listening).toBe(1);
  });

  it("handles no error of the application's in its stead", () => {
    const given = client();
    const stop = mqtt(given).attach?.(() => {});
    expect(() => given.emit("error", new Error("nobody handles me"))).toThrow("nobody handles me");
    stop?.();
  });

  it("knows a client that was ended", async () => {
    for (const state of [{ disconnecting: true }, { disconnected: true }]) {
      const given = client();
      const check = mqtt(given);
      Object.assign(given, state);
      expect(await outcomeOf(check)).toMatchObject({ errorType: "client_closed", fault: "persistent" });
      expect(given.pings).toBe(0);
      expect(complaint(() => mqtt(given))).toContain("client of mqtt() is closed already");
    }
  });

  it("fails where the client throws, and leaves no listener", async () => {
    const given = client({
      sendPing: () => {
        throw new Error("no stream");
      },
    });
    expect(await outcomeOf(mqtt(given))).toMatchObject({ status: "fail", message: "no stream" });
    expect(given.listening).toBe(0);
  });

  it("refuses another client, and options that there are not", () => {
    for (const other of [undefined, {}, "mqtt://localhost", new EventEmitter()])
      expect(complaint(() => mqtt(other as never))).toContain(
        "client of mqtt() must be a client of mqtt, as its connect()",
      );
    expect(complaint(() => mqtt(client(), { topic: "a" } as never))).toContain("topic is not an option of mqtt()");
    expect(complaint(() => mqtt(client(), null as never))).toContain("must be an object of options");
  });

  it("takes the client of the driver as it is", () => {
    expectTypeOf<RealClient>().toExtend<MqttClient>();
    expect(mqtt(client())).toMatchObject({ external: true });
  });
});

describe("diagnoseMqtt", () => {
  it.each([
    [refusal(1), "protocol_version", "fatal"],
    [refusal(2), "client_identifier", "fatal"],
    [refusal(3), "broker_busy", undefined],
    [refusal(4), "authorization", "fatal"],
    [refusal(134), "authorization", "fatal"],
    [refusal(137), "broker_busy", undefined],
    [refusal(139), "broker_stopping", undefined],
    [new Error("Keepalive timeout"), "keepalive_timeout", undefined],
    [new Error("connack timeout"), "connect_timeout", undefined],
  ])("knows %s", (error, errorType, fault) => {
    const diagnosis = diagnoseMqtt(error);
    expect(diagnosis).toMatchObject({ errorType, hint: expect.any(String) });
    expect(diagnosis?.fault).toBe(fault);
  });

  it("leaves what it does not know", () => {
    expect(diagnoseMqtt(refusal(99))).toBeUndefined();
    expect(diagnoseMqtt(new Error("something"))).toBeUndefined();
    expect(diagnoseMqtt(Object.assign(new Error("Keepalive timeout"), { code: "ETIMEDOUT" }))).toBeUndefined();
  });
});
