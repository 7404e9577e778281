import { setTimeout as delay } from "node:timers/promises";
import { createHealth, type FunctionCheck } from "@otel-health/core";
import { startFaultProxy, until } from "@otel-health/testkit";
import { boundsOf, type CellResult, type Detected, type Seen } from "./cell-result.ts";
import type { Fault } from "./fault.ts";
import { dependencyHost, type Names } from "./names.ts";
import { handles, listenersOf } from "./resources.ts";
import { schedule } from "./schedule.ts";
import type { Cell, Dependency, Server, Stage, Subject } from "./subject.ts";
import { authority, TlsFront } from "./tls-front.ts";
import { Unhandled } from "./unhandled.ts";

/** How many times a bound is waited for before "never" is said. */
const patience = 3;

type AnyCell = Cell<Server, Dependency>;
type AnyStage = Stage<Server, Dependency>;
type Act = (stage: AnyStage) => unknown;

/** Brings one fault upon a client that was just made, and watches what the check of it says, from before to after. */
export async function runCell(subject: Subject, server: Server, fault: Fault, names: Names): Promise<CellResult> {
  const cell = subject.cells[fault] as AnyCell;
  using unhandled = new Unhandled();
  const handlesBefore = handles();
  await using front = cell.tls ? await startFront(server, subject) : undefined;
  await using proxy = await startFaultProxy({
    target: { host: "127.0.0.1", port: front?.port ?? server.port },
    slowMs: schedule.timeoutMs * 1.5,
  });
  const host = fault === "DNS gone" ? dependencyHost : cell.tls ? "localhost" : "127.0.0.1";
  const address = { host, port: proxy.port, ...(cell.tls && { ca: authority }) };
  const dependency = await (cell.connect ?? subject.connect)(address, server);
  const stage: AnyStage = { server, proxy, dependency };
  const acts = healedOnce(actsOf(fault, cell, front, names));
  let seen: Omit<CellResult, "handles" | "leftOnServer" | "unhandled">;
  try {
    seen = await watch(dependency.check(schedule), stage, cell, acts);
  } finally {
    await acts.heal?.(stage);
    await dependency[Symbol.asyncDispose]();
  }
  const leftOnServer = await settled(() => proxy.connections, 0);
  await proxy.close();
  await front?.[Symbol.asyncDispose]();
  const handlesAfter = await settled(handles, handlesBefore);
  return {
    ...seen,
    leftOnServer,
    handles: { before: handlesBefore, after: handlesAfter },
    unhandled: unhandled.errors,
  };
}

async function watch(
  check: FunctionCheck,
  stage: AnyStage,
  cell: AnyCell,
  { inject, heal }: Acts,
): Promise<Omit<CellResult, "handles" | "leftOnServer" | "unhandled">> {
  const { proxy, dependency } = stage;
  const bounds = boundsOf(cell);
  const listeners = () => listenersOf(dependency);
  const listenersBefore = listeners();
  const health = createHealth({ checks: { it: check } });
  const now = () => health.snapshot().checks.it;
  const becomes = async (state: string, limitMs: number): Promise<number | undefined> => {
    const startedAt = performance.now();
    const reached = () => now()?.status === state;
    const ms = await until(() => reached() && performance.now() - startedAt, {
      describe: state,
      timeoutMs: limitMs * patience,
      everyMs: 5,
    }).catch(() => undefined);
    return ms === undefined ? undefined : Math.round(ms);
  };
  try {
    await health.start();
    // One whose fault is there from the start is never well.
    if (inject !== undefined && (await becomes("healthy", bounds.detection)) === undefined)
      throw new Error(`never healthy before the fault: ${JSON.stringify(now())}`);
    const connectionsBefore = proxy.connections;
    await inject?.(stage);
    const afterMs = await becomes(cell.state ?? "unhealthy", bounds.detection);
    const said = now();
    const detected: Detected | undefined =
      afterMs === undefined
        ? undefined
        : {
            afterMs,
            boundMs: bounds.detection,
            state: said?.status ?? "unknown",
            errorType: said?.errorType ?? undefined,
            fault: said?.fault ?? undefined,
            hint: said?.hint ?? undefined,
            message: said?.message ?? undefined,
          };
    let recovered: Seen | null | undefined = null;
    if (heal !== undefined) {
      await heal(stage);
      const recoveredMs = await becomes("healthy", bounds.recovery);
      recovered = recoveredMs === undefined ? undefined : { afterMs: recoveredMs, boundMs: bounds.recovery };
    }
    // Where the fault was there from the start there was no connection before it that could be compared with.
    const connectionsAfter =
      heal === undefined || inject === undefined
        ? connectionsBefore
        : await settled(() => proxy.connections, connectionsBefore);
    await health.stop();
    const listenersAfter = await settled(listeners, listenersBefore);
    return {
      detected,
      recovered,
      connections: { before: connectionsBefore, after: connectionsAfter },
      listeners: { before: listenersBefore, after: listenersAfter },
    };
  } finally {
    await health.stop();
  }
}

interface Acts {
  readonly inject: Act | undefined;
  readonly heal: Act | undefined;
}

/** The fault goes at the end of the cell, also of one that was broken off, and only once. */
function healedOnce({ inject, heal }: Acts): Acts {
  let healed: unknown;
  return {
    inject,
    heal:
      heal &&
      ((stage) => {
        healed ??= Promise.resolve(heal(stage));
        return healed;
      }),
  };
}

/** What a fault is by nature, where the cell has no way of its own. */
function actsOf(fault: Fault, cell: AnyCell, front: TlsFront | undefined, names: Names): Acts {
  if (cell.inject !== undefined || cell.heal !== undefined || cell.connect !== undefined)
    return { inject: cell.inject, heal: cell.heal };
  const proxied = (mode: "refuse" | "slow" | "reset" | "cut" | "half-open"): Acts => ({
    inject: ({ proxy }) => proxy.setMode(mode),
    heal: ({ proxy }) => proxy.setMode("pass"),
  });
  switch (fault) {
    case "refused":
      return proxied("refuse");
    case "slow":
      return proxied("slow");
    case "reset":
      return proxied("cut");
    case "half-open":
      return proxied("half-open");
    case "hang":
      return { inject: ({ server }) => server.pause(), heal: ({ server }) => server.resume() };
    case "restart":
      return { inject: ({ server }) => server.stop(), heal: ({ server }) => server.start() };
    case "DNS gone":
      return {
        inject: async ({ proxy }) => {
          names.known = false;
          await cutAll(proxy);
        },
        heal: () => {
          names.known = true;
        },
      };
    case "TLS expired":
      return {
        inject: async ({ proxy }) => {
          front?.present("expired");
          await cutAll(proxy);
        },
        heal: async ({ proxy }) => {
          front?.present("valid");
          await cutAll(proxy);
        },
      };
    default:
      throw new Error(`${fault} has to be brought about by the subject`);
  }
}

/** Resets every open connection, so that the clients have to connect again. */
async function cutAll(proxy: AnyStage["proxy"]): Promise<void> {
  await proxy.setMode("reset");
  await proxy.setMode("pass");
}

async function startFront(server: Server, { alpn = [] }: Subject): Promise<TlsFront> {
  const front = new TlsFront(server.port, alpn);
  await front.listen();
  return front;
}

/** The value once it is at most `goal`, or what it still is after a while. */
async function settled(value: () => number, goal: number): Promise<number> {
  // No timer is armed while it is read: that may be what is counted.
  for (let tries = 0; tries < 100 && value() > goal; tries++) await delay(30);
  return value();
}
