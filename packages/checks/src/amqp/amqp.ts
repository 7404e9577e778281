import { demand, type FunctionCheck, fail, type Outcome, type ScheduleOptions } from "@otel-health/core";
import { demandClient, has } from "../dependency/demand-client.ts";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { failure } from "../dependency/diagnosis.ts";
import { Outstanding } from "../dependency/outstanding.ts";
import type { AmqpConnection } from "./clients.ts";
import { ConnectionWatch } from "./connection-watch.ts";
import { diagnoseAmqp } from "./diagnose.ts";
import { judgeQueue, type WantedQueue } from "./judge-queue.ts";

/** A connection of `amqplib`, or for applications that open it again a function that returns the one in use, if any. */
export type AmqpClient = AmqpConnection | (() => AmqpConnection | undefined);

/** Options of {@link amqp}: those of any check that is run, and these. */
export interface AmqpOptions extends ScheduleOptions {
  /** A queue that has to be there; default none is looked at. It is asked for passively, and never declared. */
  readonly queue?: string;
  /** More messages that are ready in `queue` than this are a warning; default any number is well. */
  readonly warnDepth?: number;
  /** More messages that are ready in `queue` than this fail; default any number is well. */
  readonly failDepth?: number;
  /** Fewer consumers of `queue` than this are a warning; default 0: who consumes may be another's concern. */
  readonly minConsumers?: number;
}

const where = "amqp()";
const expected = "a connection of amqplib with promises, or a function that returns the one in use";
const hint =
  "the broker did not answer: is it up or overloaded, is it out of memory or disk and blocks connections, and does a firewall drop packets?";

/**
 * A check of an AMQP 0-9-1 broker such as RabbitMQ through the application's own connection: it opens a channel and closes
 * it. Fails where no answer comes and where the broker has blocked the connection. Throws `HealthError` for another client
 * or wrong options.
 */
export function amqp(client: AmqpClient, options: AmqpOptions = {}): FunctionCheck {
  demandClient(where, client, expected, isConnection(client) || (typeof client === "function" && client.length === 0));
  const wanted = readWanted(options ?? {});
  const current = typeof client === "function" ? client : () => client;
  const watches = new Set<ConnectionWatch>();
  let asked: Asked | undefined;
  const diagnose = diagnoseAmqp(typeof client === "function" || has(client, "waitForConnect"));
  return dependencyCheck(
    where,
    options,
    { queue: true, warnDepth: true, failDepth: true, minConsumers: true },
    {
      hint,
      diagnose,
      attach: (runNow) => {
        const watch = new ConnectionWatch(runNow);
        watches.add(watch);
        if (typeof client !== "function") watch.follow(client);
        return () => {
          watches.delete(watch);
          watch.follow(undefined);
        };
      },
      run: async (context) => {
        const connection = current();
        if (connection !== undefined && connection !== null && !isConnection(connection))
          throw new Error(`the function of ${where} returned what is no connection of amqplib`);
        for (const watch of watches) watch.follow(connection ?? undefined);
        if (connection === undefined || connection === null) return notConnected();
        const [watch] = watches;
        if (watch?.down !== undefined) return failure(watch.down, diagnose);
        if (watch?.blocked !== undefined) return blocked(watch.blocked);
        // What another connection is asked for says nothing of this one.
        if (asked?.connection !== connection) asked = { connection, outstanding: new Outstanding() };
        const answer = await asked.outstanding.ask(context, () => ask(connection, wanted?.queue));
        return wanted === undefined ? undefined : judgeQueue(answer, wanted);
      },
    },
  );
}

interface Asked {
  readonly connection: AmqpConnection;
  readonly outstanding: Outstanding<unknown>;
}

/**
 * A round trip on a channel of its own, which no other client hears of: a question that the broker refuses closes the
 * channel on which it was asked, and the application's must not be closed.
 */
async function ask(connection: AmqpConnection, queue: string | undefined): Promise<unknown> {
  const channel = await connection.createChannel();
  // Unheard, it would end the process; what is asked fails with it anyway.
  channel.on("error", () => {});
  // What `close()` returns does not settle where the connection is lost meanwhile; the event comes in every case.
  const closed = new Promise<void>((resolve) => channel.on("close", resolve));
  try {
    return queue === undefined ? undefined : await channel.checkQueue(queue);
  } finally {
    channel.close().then(undefined, () => {});
    await closed;
  }
}

/** The callback API has the same methods, which take one argument more. */
function isConnection(client: unknown): client is AmqpConnection {
  const methods = ["createChannel", "createConfirmChannel", "close", "on", "removeListener"];
  return has(client, ...methods) && (client as AmqpConnection).createChannel.length < 2;
}

function notConnected(): Outcome {
  return fail("the application has no connection", {
    errorType: "not_connected",
    hint: "look at why it does not get one: is the broker up, and are address and credentials right?",
  });
}

function blocked(reason: string): Outcome {
  return fail(`the broker has blocked the connection: ${reason}`, {
    errorType: "blocked",
    hint: "the broker is out of memory or disk and takes no messages: make consumers faster, or give it more",
  });
}

function readWanted(options: AmqpOptions): WantedQueue | undefined {
  const { queue, minConsumers = 0 } = options;
  const { warnDepth = Number.POSITIVE_INFINITY, failDepth = Number.POSITIVE_INFINITY } = options;
  if (queue === undefined) {
    const lonely = (["warnDepth", "failDepth", "minConsumers"] as const).find((name) => options[name] !== undefined);
    demand(lonely === undefined, `queue of ${where} with ${lonely}`, "the name of a queue", queue);
    return undefined;
  }
  demand(typeof queue === "string" && queue !== "", `queue of ${where}`, "the name of a queue", queue);
  for (const name of ["warnDepth", "failDepth", "minConsumers"] as const) {
    const count = options[name];
    const isCount = count === undefined || (Number.isInteger(count) && count >= 0);
    demand(isCount, `${name} of ${where}`, "a whole number from 0 up", count);
  }
  demand(
    warnDepth <= failDepth || options.warnDepth === undefined,
    `warnDepth of ${where}`,
    `at most failDepth, ${failDepth}`,
    warnDepth,
  );
  return { queue, warnDepth, failDepth, minConsumers };
}
