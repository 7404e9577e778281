import { type ConfluentKafkaAdmin, type KafkaAdmin, type KafkaOptions, kafka } from "@otel-health/checks/kafka";
import { FakeClock, settle } from "@otel-health/core/testing";
import type { Admin } from "kafkajs";
import { describe, expect, expectTypeOf, it } from "vitest";
import { complaint, outcomeOf, Running } from "../running.ts";

const well = { partitionId: 0, leader: 1, replicas: [1, 2], isr: [1, 2] };

/** What answers a method with its entry in `all`, and notes in `asked` what it was asked with. */
const answering =
  (all: { readonly [method: string]: unknown }, asked: string[]) =>
  (method: string) =>
  async (...given: unknown[]) => {
    asked.push([method, ...given.map((each) => JSON.stringify(each))].join(" "));
    const said = await all[method];
    if (said instanceof Error) throw said;
    return said;
  };

/** An admin client whose answers are the test's, with a cluster that is well. */
function scripted(answers: { readonly [method: string]: unknown } = {}) {
  const asked: string[] = [];
  const listeners = new Map<string, () => void>();
  const all: { readonly [method: string]: unknown } = {
    describeCluster: { brokers: [{ nodeId: 1 }], controller: 1 },
    fetchTopicMetadata: { topics: [{ name: "orders", partitions: [well] }] },
    fetchOffsets: [{ topic: "orders", partitions: [{ partition: 0, offset: "10" }] }],
    fetchTopicOffsets: [{ partition: 0, offset: "15" }],
    ...answers,
  };
  const answer = answering(all, asked);
  const methods = Object.fromEntries(Object.keys(all).map((method) => [method, answer(method)]));
  const admin = {
    ...methods,
    connect: async () => {},
    disconnect: async () => {},
    on: (event: string, listener: () => void) => {
      listeners.set(event, listener);
      return () => listeners.delete(event);
    },
  } as unknown as KafkaAdmin;
  return { admin, asked, listeners };
}

const outcome = (answers: Parameters<typeof scripted>[0], options?: KafkaOptions) =>
  outcomeOf(kafka(scripted(answers).admin, options));
const failing = (error: unknown) => outcome({ describeCluster: Promise.reject(error) });

describe("options and clients", () => {
  it.each([
    [{ topics: "orders" as never }, 'topics of kafka() must be an array of names, got "orders"'],
    [{ topics: [""] }, "topics of kafka() must be an array of names"],
    [{ groupId: "" }, 'groupId of kafka() must be the name of a group, got ""'],
    [{ maxLag: 3 }, "groupId of kafka() with maxLag must be the name of a group"],
    [{ groupId: "g", maxLag: 3 }, "topics of kafka() with groupId must be the topics that it consumes, got []"],
    [{ topics: ["t"], groupId: "g" }, "maxLag of kafka() with groupId must be a whole number from 0 up, got undefined"],
    [{ topics: ["t"], groupId: "g", maxLag: 1.5 }, "maxLag of kafka() with groupId must be a whole number"],
    [{ topic: "orders" } as KafkaOptions, "topic"],
  ] satisfies [KafkaOptions, string][])("refuses %j", (options, message) => {
    expect(complaint(() => kafka(scripted().admin, options))).toContain(message);
  });

  it.each([[undefined], [{}], [{ producer() {}, admin() {} }], [() => {}]])("refuses the client %o", (client) => {
    expect(complaint(() => kafka(client as never))).toContain("client of kafka() must be an admin client of kafkajs");
  });

  it("takes an admin client in a wrapper that has no events", async () => {
    const { admin, asked } = scripted({ listTopics: ["orders"] });
    const { on, ...wrapped } = admin;
    const check = kafka(wrapped as never, { topics: ["orders"] });
    expect(check.attach).toBeUndefined();
    expect(await outcomeOf(check)).toBeUndefined();
    expect(asked[0]).toContain("listTopics");
    const { describeCluster, ...eventful } = admin;
    expect(complaint(() => kafka(eventful as never))).toContain("client of kafka() must be an admin client of kafkajs");
  });

  it("takes the admin client of kafkajs by its type, and is not for liveness", () => {
    expectTypeOf<Admin>().toExtend<KafkaAdmin>();
    expect(complaint(() => kafka(scripted().admin, { probes: ["liveness"] }))).toContain("liveness");
  });
});

describe("a cluster", () => {
  it("that is well is asked once", async () => {
    const { admin, asked } = scripted();
    expect(await outcomeOf(kafka(admin))).toBeUndefined();
    expect(asked).toEqual(["describeCluster"]);
  });

  it.each([
    [{ brokers: [], controller: 1 }, "no_broker"],
    [{ brokers: [{}], controller: null }, "no_controller"],
    [{ brokers: [{}], controller: -1 }, "no_controller"],
    [{ brokers: [{}], controller: 0 }, undefined],
  ])("that says %j", async (describeCluster, errorType) => {
    expect((await outcome({ describeCluster }))?.errorType).toBe(errorType);
  });
});

describe("topics", () => {
  const topics = (...partitions: object[]) =>
    outcome({ fetchTopicMetadata: { topics: [{ name: "orders", partitions }] } }, { topics: ["orders"] });

  it("are not asked for by name, which could create one", async () => {
    const { admin, asked } = scripted();
    const check = kafka(admin, { topics: ["orders", "nope"], groupId: "g", maxLag: 1 });
    expect(await outcomeOf(check)).toMatchObject({
      errorType: "unknown_topic",
      fault: "persistent",
      message: "there is no topic nope",
    });
    expect(asked).toEqual(["describeCluster", "fetchTopicMetadata"]);
  });

  it("without a leader fail, with replicas that are behind are a warning", async () => {
    expect(await topics(well)).toBeUndefined();
    expect(await topics(well, { ...well, partitionId: 3, leader: -1 })).toMatchObject({
      status: "fail",
      errorType: "no_leader",
      message: "there is no leader of orders-3",
    });
    const thin = [4, 5, 6, 7, 8].map((partitionId) => ({ ...well, partitionId, isr: [1] }));
    expect(await topics(well, ...thin)).toMatchObject({
      status: "warn",
      message: "replicas are behind or down of orders-4, orders-5, orders-6 and 2 more",
    });
  });

  it("that others have are of no interest", async () => {
    const others = { name: "theirs", partitions: [{ ...well, leader: -1 }] };
    const fetchTopicMetadata = { topics: [others, { name: "orders", partitions: [well] }] };
    expect(await outcome({ fetchTopicMetadata }, { topics: ["orders"] })).toBeUndefined();
  });
});

describe("a group", () => {
  const group = { topics: ["orders"], groupId: "g", maxLag: 4 };
  const behind = { status: "fail", errorType: "consumer_lag", message: "group g is 5 messages behind, more than 4" };

  it("is asked for in the topics", async () => {
    const { admin, asked } = scripted();
    expect(await outcomeOf(kafka(admin, group))).toMatchObject(behind);
    expect(asked.slice(2)).toEqual(['fetchOffsets {"groupId":"g","topics":["orders"]}', 'fetchTopicOffsets "orders"']);
    expect(await outcomeOf(kafka(admin, { ...group, maxLag: 5 }))).toBeUndefined();
  });

  it.each([
    [[{ partition: 0, offset: "-1" }], { status: "warn" }],
    [[{ partition: 7, offset: "3" }], { status: "warn" }],
    [[], { status: "warn" }],
    [[{ partition: 0, offset: "20" }], undefined],
    [
      [
        { partition: 0, offset: "10" },
        { partition: 1, offset: "-1" },
      ],
      behind,
    ],
  ])("that has committed %j", async (partitions, expected) => {
    const said = await outcome({ fetchOffsets: [{ topic: "orders", partitions }] }, group);
    if (expected === undefined) expect(said).toBeUndefined();
    else expect(said).toMatchObject(expected);
  });

  it("that has committed more than there is in one partition is behind in another all the same", async () => {
    const answers = {
      fetchOffsets: [
        {
          topic: "orders",
          partitions: [
            { partition: 0, offset: "90" },
            { partition: 1, offset: "10" },
          ],
        },
      ],
      fetchTopicOffsets: [
        { partition: 0, offset: "15" },
        { partition: 1, offset: "15" },
      ],
    };
    expect(await outcome(answers, group)).toMatchObject(behind);
  });

  it("adds up what it has to read, and says so before that replicas are behind", async () => {
    const thin = { name: "orders", partitions: [{ ...well, isr: [1] }] };
    const answers = {
      fetchTopicMetadata: { topics: [thin] },
      fetchOffsets: ["a", "b"].map((topic) => ({ topic, partitions: [{ partition: 0, offset: "12" }] })),
    };
    const options = { topics: ["orders"], groupId: "g" };
    expect(await outcome(answers, { ...options, maxLag: 5 })).toMatchObject({
      message: "group g is 6 messages behind, more than 5",
    });
    expect(await outcome(answers, { ...options, maxLag: 6 })).toMatchObject({
      status: "warn",
      message: expect.stringContaining("replicas"),
    });
  });
});

describe("answers that no cluster gives", () => {
  const options = { topics: ["orders"], groupId: "g", maxLag: 1 };
  it.each([
    [{ describeCluster: undefined }],
    [{ describeCluster: {} }],
    [{ describeCluster: { brokers: [{}] } }],
    [{ fetchTopicMetadata: null }],
    [{ fetchTopicMetadata: { topics: [{ name: "orders", partitions: [] }] } }],
    [{ fetchTopicMetadata: { topics: [{ name: "orders", partitions: [null] }] } }],
    [{ fetchTopicMetadata: { topics: [null, { name: "orders" }] } }],
    [{ fetchOffsets: null }],
    [{ fetchOffsets: [{ topic: "orders", partitions: [{ partition: 0, offset: "many" }] }] }],
    [{ fetchOffsets: [{ topic: "orders" }] }],
    [{ fetchTopicOffsets: [{ partition: 0 }] }],
    [{ fetchTopicOffsets: null }],
  ])("%j is a failure", async (answers) => {
    expect(await outcome(answers, options)).toMatchObject({ status: "fail" });
  });
});

describe("a run", () => {
  it("that gives up leaves at most three questions behind", async () => {
    const { admin, asked } = scripted({ describeCluster: new Promise(() => {}) });
    const check = kafka(admin);
    const clock = new FakeClock();
    for (let run = 0; run < 5; run++) {
      const running = new Running(check, clock);
      await settle();
      running.abort();
      expect(await running.outcome).toMatchObject({ status: "fail", errorType: "timeout" });
    }
    expect(asked).toHaveLength(3);
  });

  it("asks nothing of a client that was disconnected while it was registered", async () => {
    const { admin, asked, listeners } = scripted();
    const check = kafka(admin);
    const detach = check.attach?.(() => {});
    listeners.get("admin.disconnect")?.();
    expect(await outcomeOf(check)).toMatchObject({ errorType: "client_closed", fault: "persistent" });
    expect(asked).toEqual([]);
    listeners.get("admin.connect")?.();
    expect(await outcomeOf(check)).toBeUndefined();
    detach?.();
    expect(listeners.size).toBe(0);
  });
});

describe("what an error means", () => {
  const named = (name: string, more: object = {}) => Object.assign(new Error("said"), { name, ...more });
  const wrapped = (cause: unknown) => named("KafkaJSNumberOfRetriesExceeded", { cause });
  it.each([
    ["a connection's", named("KafkaJSConnectionError", { code: "ECONNREFUSED" }), "ECONNREFUSED", undefined],
    ["a connection's without a code", named("KafkaJSConnectionError"), "connect_failed", undefined],
    [
      "a certificate's",
      wrapped(named("KafkaJSConnectionError", { code: "CERT_HAS_EXPIRED" })),
      "CERT_HAS_EXPIRED",
      "persistent",
    ],
    ["a request's", wrapped(named("KafkaJSRequestTimeoutError")), "request_timeout", undefined],
    [
      "a request's, beneath another",
      named("KafkaJSBrokerNotFound", { cause: named("KafkaJSRequestTimeoutError") }),
      "request_timeout",
      undefined,
    ],
    ["a closed connection's", named("KafkaJSConnectionClosedError"), "connection_lost", undefined],
    ["a login's", wrapped(named("KafkaJSSASLAuthenticationError")), "SASL_AUTHENTICATION_FAILED", "fatal"],
    [
      "the protocol's",
      wrapped(named("KafkaJSProtocolError", { type: "GROUP_AUTHORIZATION_FAILED", code: 30 })),
      "GROUP_AUTHORIZATION_FAILED",
      "fatal",
    ],
    [
      "the protocol's of a topic",
      named("KafkaJSProtocolError", { type: "UNKNOWN_TOPIC_OR_PARTITION" }),
      "UNKNOWN_TOPIC_OR_PARTITION",
      "persistent",
    ],
    ["a coordinator's", named("KafkaJSGroupCoordinatorNotFound"), "GROUP_COORDINATOR_NOT_AVAILABLE", undefined],
    [
      "nobody's",
      new TypeError("Cannot destructure property 'brokers' of '(intermediate value)' as it is null."),
      "no_metadata",
      undefined,
    ],
  ])("%s", async (_, error, errorType, fault) => {
    const said = await failing(error);
    expect(said).toMatchObject({ status: "fail", errorType, hint: expect.stringMatching(/\w/) });
    expect(said?.fault).toBe(fault);
  });

  it("is a failure whatever is thrown", async () => {
    for (const thrown of [undefined, null, 1, {}, named("constructor")])
      expect(await failing(thrown)).toMatchObject({ status: "fail" });
  });
});

/** As `types/kafkajs.d.ts` of `@confluentinc/kafka-javascript` 1.10.1 has it; the rest of its methods is not asked for. */
interface Confluent {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  listTopics(options?: { timeout?: number }): Promise<string[]>;
  fetchOffsets(options: {
    groupId: string;
    topics?: string[] | { topic: string; partitions: number[] }[];
    timeout?: number;
    requireStableOffsets?: boolean;
  }): Promise<{ topic: string; partitions: { partition: number; offset: string; error?: Error }[] }[]>;
  fetchTopicMetadata(options?: { topics?: string[]; includeAuthorizedOperations?: boolean; timeout?: number }): Promise<
    {
      name: string;
      partitions: {
        partitionErrorCode: number;
        partitionId: number;
        leader: number;
        leaderNode?: object | null;
        replicas: number[];
        isr: number[];
      }[];
    }[]
  >;
}

describe("the admin client of @confluentinc/kafka-javascript", () => {
  const topic = { name: "orders", isInternal: false, partitions: [{ ...well, partitionErrorCode: 0 }] };
  /** Its errors, as they are thrown. */
  const thrown = (name: string, code: number, type: string, message: string) =>
    Object.assign(new Error(message), { name, code, type, retriable: false, fatal: false, abortable: false });

  function confluent(answers: { readonly [method: string]: unknown } = {}) {
    const asked: string[] = [];
    const all: { readonly [method: string]: unknown } = {
      listTopics: ["orders", "theirs"],
      fetchTopicMetadata: [topic],
      ...answers,
    };
    const answer = answering(all, asked);
    const methods = ["connect", "disconnect", "listTopics", "fetchOffsets", "fetchTopicMetadata"];
    return {
      admin: Object.fromEntries(methods.map((method) => [method, answer(method)])) as unknown as Confluent,
      asked,
    };
  }
  const outcome = (answers: Parameters<typeof confluent>[0], options?: KafkaOptions) =>
    outcomeOf(kafka(confluent(answers).admin, options));

  it("is taken by its type, and has nothing to listen to", () => {
    expectTypeOf<Confluent>().toExtend<ConfluentKafkaAdmin>();
    expect(kafka(confluent().admin)).toMatchObject({ external: true });
    expect(kafka(confluent().admin).attach).toBeUndefined();
  });

  it("is asked for the names of all topics, and for what it says of those that are wanted and there", async () => {
    const { admin, asked } = confluent();
    expect(await outcomeOf(kafka(admin))).toBeUndefined();
    expect(asked).toEqual(['listTopics {"timeout":1600}']);
    expect(await outcomeOf(kafka(admin, { topics: ["orders"] }))).toBeUndefined();
    expect(asked.slice(1)).toEqual([
      'listTopics {"timeout":1600}',
      'fetchTopicMetadata {"topics":["orders"],"timeout":1600}',
    ]);
    expect(await outcomeOf(kafka(admin, { topics: ["orders", "nope"] }))).toMatchObject({
      errorType: "unknown_topic",
      fault: "persistent",
      message: "there is no topic nope",
    });
    expect(asked.slice(3)).toEqual(['listTopics {"timeout":1600}']);
  });

  it("is held no longer than the run, since each question holds a thread of the process", async () => {
    for (const [afterMs, timeout] of [
      [900.5, 700],
      [1_700, 1],
    ] as const) {
      const listed = Promise.withResolvers<readonly string[]>();
      const { admin, asked } = confluent({ listTopics: listed.promise });
      const running = new Running(kafka(admin, { topics: ["orders"] }));
      await running.clock.advance(afterMs);
      listed.resolve(["orders"]);
      expect(await running.outcome).toBeUndefined();
      expect(asked.at(-1)).toBe(`fetchTopicMetadata {"topics":["orders"],"timeout":${timeout}}`);
    }
  });

  it.each([
    [
      { ...well, leader: -1 },
      { status: "fail", errorType: "no_leader" },
    ],
    [{ ...well, isr: [1] }, { status: "warn" }],
  ])("says of a partition: %j", async (partition, expected) => {
    const fetchTopicMetadata = [{ ...topic, partitions: [partition] }];
    expect(await outcome({ fetchTopicMetadata }, { topics: ["orders"] })).toMatchObject(expected);
  });

  it.each([
    [{ listTopics: undefined }],
    [{ listTopics: {} }],
    [{ fetchTopicMetadata: undefined }],
    [{ fetchTopicMetadata: [] }],
    [{ fetchTopicMetadata: [null] }],
    [{ fetchTopicMetadata: [{ name: "orders", partitions: [] }] }],
  ])("fails for what no cluster answers: %j", async (answers) => {
    expect(await outcome(answers, { topics: ["orders"] })).toMatchObject({ status: "fail" });
  });

  it("is not asked for a group, which may end the process", () => {
    const { admin } = confluent();
    const call = () => kafka(admin, { topics: ["orders"], groupId: "g", maxLag: 1 });
    expect(complaint(call)).toContain("groupId of kafka() must be left out for");
  });

  it.each([
    ["KafkaJSConnectionError", -195, "ERR__TRANSPORT", "no_broker", undefined],
    ["KafkaJSNoBrokerAvailableError", -187, "ERR__ALL_BROKERS_DOWN", "no_broker", undefined],
    ["KafkaJSTimeout", -185, "ERR__TIMED_OUT", "request_timeout", undefined],
    ["KafkaJSError", -172, "ERR__STATE", "client_closed", "persistent"],
    ["KafkaJSSASLAuthenticationError", -169, "ERR__AUTHENTICATION", "SASL_AUTHENTICATION_FAILED", "fatal"],
    ["KafkaJSProtocolError", 3, "ERR_UNKNOWN_TOPIC_OR_PART", "UNKNOWN_TOPIC_OR_PARTITION", "persistent"],
    ["KafkaJSProtocolError", 29, "ERR_TOPIC_AUTHORIZATION_FAILED", "TOPIC_AUTHORIZATION_FAILED", "fatal"],
    ["KafkaJSProtocolError", 31, "ERR_CLUSTER_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED", "fatal"],
  ])("fails with %s of the number %i", async (name, code, type, errorType, fault) => {
    const said = await outcome({ listTopics: thrown(name, code, type, "said") });
    expect(said).toMatchObject({ status: "fail", errorType, hint: expect.stringMatching(/\w/) });
    expect(said?.fault).toBe(fault);
  });
});
