import { EventEmitter } from "node:events";
import { type AmqpClient, type AmqpConnection, type AmqpOptions, amqp } from "@otel-health/checks/amqp";
import { FakeClock, settle } from "@otel-health/core/testing";
import type { ChannelModel, RecoveringChannelModel } from "amqplib";
import { describe, expect, expectTypeOf, it } from "vitest";
import { complaint, outcomeOf, Running } from "../running.ts";

class ScriptedChannel extends EventEmitter {
  closed = 0;
  answer: () => Promise<unknown>;

  constructor(answer: () => Promise<unknown>) {
    super();
    this.answer = answer;
  }

  checkQueue() {
    return this.answer() as never;
  }

  async close() {
    this.closed += 1;
    // As amqplib does: the event comes, whatever becomes of the promise.
    setImmediate(() => this.emit("close"));
  }
}

class ScriptedConnection extends EventEmitter {
  readonly channels: ScriptedChannel[] = [];
  opens: () => Promise<void> = async () => {};
  answer: () => Promise<unknown> = async () => ({ messageCount: 0, consumerCount: 1 });

  async createChannel() {
    await this.opens();
    const channel = new ScriptedChannel(this.answer);
    this.channels.push(channel);
    return channel;
  }

  createConfirmChannel = this.createChannel;

  async close() {}
}

class Recovering extends ScriptedConnection {
  waitForConnect() {}
}

const failing = (error: unknown, connection = new ScriptedConnection()) => {
  connection.opens = () => Promise.reject(error);
  return outcomeOf(amqp(() => connection));
};

describe("options and clients", () => {
  it.each([
    [{ queue: "" }, 'queue of amqp() must be the name of a queue, got ""'],
    [{ queue: 3 as never }, "queue of amqp() must be the name of a queue, got 3"],
    [{ warnDepth: 3 }, "queue of amqp() with warnDepth must be the name of a queue"],
    [{ minConsumers: 1 }, "queue of amqp() with minConsumers must be the name of a queue"],
    [{ queue: "q", failDepth: -1 }, "failDepth of amqp() must be a whole number from 0 up, got -1"],
    [{ queue: "q", minConsumers: 1.5 }, "minConsumers of amqp() must be a whole number"],
    [{ queue: "q", warnDepth: 9, failDepth: 3 }, "warnDepth of amqp() must be at most failDepth, 3, got 9"],
    [{ exchange: "x" } as AmqpOptions, "exchange"],
  ] satisfies [AmqpOptions, string][])("refuses %j", (options, message) => {
    expect(complaint(() => amqp(new ScriptedConnection(), options))).toContain(message);
  });

  it("refuses what is no connection, and the callback API", () => {
    const called = Object.assign(new ScriptedConnection(), {
      createChannel: (_options: unknown, _done: unknown) => {},
    });
    for (const client of [undefined, null, {}, new ScriptedChannel(async () => 1), called, (one: number) => one]) {
      expect(complaint(() => amqp(client as never))).toContain(
        "client of amqp() must be a connection of amqplib with promises, or a function that returns the one in use, got",
      );
    }
    expect(complaint(() => amqp(undefined as never))).toContain("create the client before the check");
  });

  it("takes both kinds of connection of amqplib, by its types", () => {
    expectTypeOf<ChannelModel>().toExtend<AmqpConnection>();
    expectTypeOf<RecoveringChannelModel>().toExtend<AmqpConnection>();
    expectTypeOf<() => ChannelModel | undefined>().toExtend<AmqpClient>();
  });

  it("is not for liveness", () => {
    expect(complaint(() => amqp(new ScriptedConnection(), { probes: ["liveness"] }))).toContain("liveness");
  });
});

describe("a round trip", () => {
  it("is a channel of its own, which is closed, whatever is answered", async () => {
    const connection = new ScriptedConnection();
    expect(await outcomeOf(amqp(connection))).toBeUndefined();
    connection.answer = () => Promise.reject(Object.assign(new Error("said"), { code: 404 }));
    expect(await outcomeOf(amqp(connection, { queue: "q" }))).toMatchObject({ errorType: "NOT_FOUND" });
    expect(connection.channels.map(({ closed }) => closed)).toEqual([1, 1]);
    // An error of the channel has somebody to hear it.
    expect(connection.channels.map((channel) => channel.emit("error", new Error("x")))).toEqual([true, true]);
    expect(connection.eventNames()).toEqual([]);
  });

  it("that is given up closes its channel once it is open, and three at most are out", async () => {
    const connection = new ScriptedConnection();
    const open = Promise.withResolvers<void>();
    let asked = 0;
    connection.opens = () => {
      asked += 1;
      return open.promise;
    };
    const check = amqp(connection);
    const clock = new FakeClock();
    for (let run = 0; run < 5; run++) {
      const running = new Running(check, clock);
      await settle();
      running.abort();
      expect(await running.outcome).toMatchObject({ status: "fail", errorType: "timeout" });
    }
    expect(asked).toBe(3);
    open.resolve();
    await settle();
    expect(connection.channels.map(({ closed }) => closed)).toEqual([1, 1, 1]);
    await settle();
    expect(await outcomeOf(check, clock)).toBeUndefined();
  });

  it("does not wait for a close that the loss of the connection swallows", async () => {
    const connection = new ScriptedConnection();
    connection.answer = async () => {
      for (const channel of connection.channels) {
        channel.close = () => new Promise(() => {});
        setImmediate(() => channel.emit("close"));
      }
      throw new Error("Channel ended, no reply will be forthcoming");
    };
    expect(await outcomeOf(amqp(connection, { queue: "q" }))).toMatchObject({ errorType: "connection_lost" });
  });
});

describe("the connection in use", () => {
  it("is asked for at each run", async () => {
    let current: ScriptedConnection | undefined;
    const check = amqp(() => current);
    expect(await outcomeOf(check)).toMatchObject({ status: "fail", errorType: "not_connected" });
    current = new ScriptedConnection();
    current.opens = () => new Promise(() => {});
    for (let run = 0; run < 3; run++) {
      const running = new Running(check);
      await settle();
      running.abort();
      await running.outcome;
    }
    // What the last one was asked for is not waited for.
    current = new ScriptedConnection();
    expect(await outcomeOf(check)).toBeUndefined();
    expect(current.channels).toHaveLength(1);
    current = { createChannel: 1 } as never;
    expect(await outcomeOf(check)).toMatchObject({
      status: "fail",
      message: expect.stringContaining("no connection of amqplib"),
    });
    current = null as never;
    expect(await outcomeOf(check)).toMatchObject({ errorType: "not_connected" });
  });

  it("fails where the function throws", async () => {
    const check = amqp(() => {
      throw new Error("not yet");
    });
    expect(await outcomeOf(check)).toMatchObject({ status: "fail", message: "not yet" });
  });
});

describe("what it hears while it is registered", () => {
  function attached(client: AmqpClient) {
    const check = amqp(client);
    let runs = 0;
    const detach = check.attach?.(() => {
      runs += 1;
    });
    return { check, runs: () => runs, detach: () => detach?.() };
  }

  it("a blocked connection fails without being asked, at once, until it is free again", async () => {
    const connection = new ScriptedConnection();
    const { check, runs, detach } = attached(connection);
    connection.emit("blocked", "low on memory");
    expect(runs()).toBe(1);
    expect(await outcomeOf(check)).toMatchObject({
      status: "fail",
      errorType: "blocked",
      message: "the broker has blocked the connection: low on memory",
    });
    expect(connection.channels).toEqual([]);
    connection.emit("unblocked");
    expect(runs()).toBe(2);
    expect(await outcomeOf(check)).toBeUndefined();
    detach();
    expect(connection.eventNames()).toEqual([]);
  });

  it("a connection that is being opened again fails with the reason, and is not asked", async () => {
    const connection = new Recovering();
    const { check, runs, detach } = attached(connection);
    connection.emit("disconnect", new Error("Unexpected close"));
    expect(runs()).toBe(1);
    expect(await outcomeOf(check)).toMatchObject({ errorType: "connection_lost" });
    const refused = new Error('Handshake terminated by server: 403 (ACCESS-REFUSED) with message "no"');
    connection.emit("connect-failed", refused);
    expect(runs()).toBe(1);
    expect(await outcomeOf(check)).toMatchObject({ errorType: "ACCESS_REFUSED", fault: "fatal" });
    expect(connection.channels).toEqual([]);
    connection.emit("connect");
    expect(runs()).toBe(2);
    expect(await outcomeOf(check)).toBeUndefined();
    detach();
    expect(connection.eventNames()).toEqual([]);
  });

  it("moves to the connection in use, and forgets what it heard of the last one", async () => {
    let current: ScriptedConnection | undefined = new ScriptedConnection();
    const first = current;
    const { check, runs, detach } = attached(() => current);
    await outcomeOf(check);
    first.emit("blocked", "low on disk");
    expect(await outcomeOf(check)).toMatchObject({ errorType: "blocked" });
    current = new ScriptedConnection();
    expect(await outcomeOf(check)).toBeUndefined();
    expect(first.eventNames()).toEqual([]);
    current.emit("close");
    expect(runs()).toBe(2);
    detach();
    expect(current.eventNames()).toEqual([]);
  });

  it("forgets why the last connection was lost", async () => {
    let current = new Recovering();
    const { check, detach } = attached(() => current);
    await outcomeOf(check);
    current.emit("disconnect", new Error("Unexpected close"));
    expect(await outcomeOf(check)).toMatchObject({ errorType: "connection_lost" });
    current = new Recovering();
    expect(await outcomeOf(check)).toBeUndefined();
    detach();
  });

  it("is never an error, that would keep alive what the application lets die", () => {
    const connection = new ScriptedConnection();
    const { detach } = attached(connection);
    expect(connection.eventNames()).not.toContain("error");
    detach();
  });
});

describe("a queue", () => {
  const asked = (answer: unknown, options: AmqpOptions) => {
    const connection = new ScriptedConnection();
    connection.answer = async () => answer;
    return outcomeOf(amqp(connection, { queue: "orders", ...options }));
  };
  const limits = { warnDepth: 10, failDepth: 100, minConsumers: 2 };

  it.each([
    [{ messageCount: 1_000, consumerCount: 0 }, {}, undefined],
    [{ messageCount: 10, consumerCount: 2 }, limits, undefined],
    [
      { messageCount: 11, consumerCount: 2 },
      limits,
      { status: "warn", message: "11 messages wait in queue orders, more than 10" },
    ],
    [
      { messageCount: 101, consumerCount: 0 },
      limits,
      { status: "fail", errorType: "queue_depth", hint: expect.stringContaining("nobody consumes it") },
    ],
    [
      { messageCount: 0, consumerCount: 1 },
      limits,
      { status: "warn", message: "queue orders has 1 consumers, fewer than 2" },
    ],
    [{ messageCount: 5, consumerCount: 1 }, { failDepth: 4 }, { status: "fail" }],
  ])("of %j with %j", async (answer, options, expected) => {
    const outcome = await asked(answer, options);
    if (expected === undefined) expect(outcome).toBeUndefined();
    else expect(outcome).toMatchObject(expected);
  });

  it.each([[undefined], [null], [{}], [{ messageCount: "1", consumerCount: 1 }]])(
    "that is described by %j fails",
    async (answer) => {
      expect(await asked(answer, {})).toMatchObject({
        status: "fail",
        message: expect.stringContaining("not what AMQP says"),
      });
    },
  );
});

describe("what an error means", () => {
  it.each([
    ["Operation failed: QueueDeclare; 404 (NOT-FOUND) with message x", 404, "NOT_FOUND", "persistent"],
    ["Operation failed: QueueDeclare; 405 (RESOURCE-LOCKED)", 405, "RESOURCE_LOCKED", "persistent"],
    [
      "Connection closed (Error: Connection closed: 320 (CONNECTION-FORCED) with message x)",
      undefined,
      "CONNECTION_FORCED",
      undefined,
    ],
    ["Connection closed (Error: read ECONNRESET)", undefined, "connection_closed", undefined],
    ["Connection closing", undefined, "connection_closed", undefined],
    ["No channels left to allocate", undefined, "channels_exhausted", undefined],
    ["Heartbeat timeout", undefined, "heartbeat_timeout", undefined],
    ["Socket closed abruptly during opening handshake", undefined, "connection_lost", undefined],
    ["Expected ConnectionOpenOk; got <ConnectionClose channel:0>", undefined, "vhost_refused", "fatal"],
    ["connect ECONNREFUSED 127.0.0.1:5672", "ECONNREFUSED", "ECONNREFUSED", undefined],
    ["certificate has expired", "CERT_HAS_EXPIRED", "CERT_HAS_EXPIRED", "persistent"],
  ])("%s", async (message, code, errorType, fault) => {
    const outcome = await failing(Object.assign(new Error(message), { code }));
    expect(outcome).toMatchObject({ status: "fail", errorType, hint: expect.stringMatching(/\w/) });
    expect(outcome?.fault).toBe(fault);
  });

  it("a connection that nobody opens again is lost for good", async () => {
    const connection = new ScriptedConnection();
    connection.opens = () => Promise.reject(new Error("Connection closed (Error: read ECONNRESET)"));
    expect(await outcomeOf(amqp(connection))).toMatchObject({
      fault: "persistent",
      hint: expect.stringContaining("recovery"),
    });
    const recovering = new Recovering();
    recovering.opens = connection.opens;
    expect((await outcomeOf(amqp(recovering)))?.fault).toBeUndefined();
  });

  it("is a failure whatever is thrown", async () => {
    for (const thrown of [undefined, null, 1, {}, { message: 3 }])
      expect(await failing(thrown)).toMatchObject({ status: "fail" });
  });
});
