import { type FunctionCheck, fail, type Outcome, type ScheduleOptions } from "@otel-health/core";
import { demandClient, demandOpen, has } from "../dependency/demand-client.ts";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { failure } from "../dependency/diagnosis.ts";
import type { MqttClient } from "./clients.ts";
import { diagnoseMqtt } from "./diagnose.ts";
import { LastError } from "./last-error.ts";
import { Lost, Ping } from "./ping.ts";

/** Options of {@link mqtt}: those of any check that is run. */
export interface MqttOptions extends ScheduleOptions {}

const where = "mqtt()";
const expected = "a client of mqtt, as its connect() returns it";
const hint = "the broker did not answer: is it up and not overloaded, and does a firewall drop packets?";

/**
 * A check of an MQTT broker on the application's own connection: a PINGREQ that is answered. While the client is not
 * connected nothing is sent, and it says why. Throws `HealthError` for another client or wrong options.
 */
export function mqtt(client: MqttClient, options: MqttOptions = {}): FunctionCheck {
  const good =
    has(client, "sendPing", "on", "removeListener", "listenerCount") && typeof client.connected === "boolean";
  demandClient(where, client, expected, good);
  demandOpen(where, !isEnded(client));
  const lastError = new LastError(client);
  const ping = new Ping(client);
  return dependencyCheck(
    where,
    options,
    {},
    {
      hint,
      diagnose: diagnoseMqtt,
      attach: () => {
        const stop = lastError.listen();
        return () => {
          stop();
          ping.stop();
        };
      },
      run: async (context) => {
        if (isEnded(client)) return closed;
        if (!client.connected) return disconnected(client, lastError.error);
        try {
          await ping.send(context);
          return undefined;
        } catch (error) {
          if (!(error instanceof Lost)) throw error;
          return disconnected(client, lastError.error);
        }
      },
    },
  );
}

const closed: Outcome = fail("the application has ended the client", {
  errorType: "client_closed",
  fault: "persistent",
  hint: "the client that is checked is not the one that is in use any more",
});

function isEnded({ disconnecting, disconnected: isDisconnected }: MqttClient): boolean {
  return disconnecting || isDisconnected;
}

function disconnected(client: MqttClient, error: Error | undefined): Outcome {
  if (error !== undefined) return failure(error, diagnoseMqtt);
  return fail("the client is not connected", {
    errorType: "disconnected",
    hint: client.reconnecting
      ? "the client connects again: is the broker up, what does its log say, and has another client the same clientId?"
      : "has the client given up (reconnectPeriod, reconnectOnConnackError), or has another the same clientId?",
  });
}
