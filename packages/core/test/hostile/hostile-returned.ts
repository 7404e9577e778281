import { revoked, untouchable } from "./hostile-thrown.ts";
import { thenable } from "./thenable.ts";

/** A value that a check returns, and what is said of it. */
export interface HostileReturned {
  readonly what: string;
  readonly returned: () => unknown;
  readonly message: string;
  readonly errorType?: string;
}

function refuse(): never {
  throw new Error("nobody may look");
}

function circular(): object {
  const object: { self?: object } = {};
  object.self = object;
  return object;
}

class Verdict {
  readonly ok = true;
}

class Promised extends Promise<unknown> {}

const unreadable = "returned a value that throws when it is read (nobody may look)";

export const hostileReturned: readonly HostileReturned[] = [
  { what: "null", returned: () => null, message: "returned null" },
  { what: "true", returned: () => true, message: "returned true" },
  { what: "false", returned: () => false, message: "returned false" },
  { what: "a number", returned: () => 0, message: "returned 0" },
  { what: "NaN", returned: () => Number.NaN, message: "returned NaN" },
  { what: "a BigInt", returned: () => 5n, message: "returned 5n" },
  { what: "a symbol", returned: () => Symbol("pass"), message: "returned a symbol" },
  { what: "an empty string", returned: () => "", message: 'returned ""' },
  { what: "a status as a string", returned: () => "pass", message: 'returned "pass"' },
  { what: "a long string", returned: () => "x".repeat(1_000_000), message: `returned "${"x".repeat(40)}…"` },
  {
    what: "a string with credentials",
    returned: () => "redis://:hunter2@cache",
    message: 'returned "redis://***@cache"',
  },
  { what: "a function", returned: () => refuse, message: "returned a function" },
  { what: "an object", returned: () => ({}), message: "returned an object" },
  { what: "an object that holds itself", returned: circular, message: "returned an object" },
  { what: "an object without a prototype", returned: () => Object.create(null), message: "returned an object" },
  { what: "an instance of a class", returned: () => new Verdict(), message: "returned an object" },
  { what: "an error", returned: () => new Error("disk full"), message: "returned an object" },
  { what: "a list of outcomes", returned: () => [{ status: "pass" }], message: "returned [an object]" },
  { what: "an HTTP status", returned: () => ({ status: 200 }), message: "returned the unknown status 200" },
  { what: "a Response", returned: () => new Response("ok"), message: "returned the unknown status 200" },
  { what: "an unknown status", returned: () => ({ status: "DOWN" }), message: 'returned the unknown status "DOWN"' },
  { what: "a status in capitals", returned: () => ({ status: "PASS" }), message: 'returned the unknown status "PASS"' },
  {
    what: "a status with credentials",
    returned: () => ({ status: "redis://:hunter2@c" }),
    message: 'returned the unknown status "redis://***@c"',
  },
  {
    what: "a status that reads like pass",
    returned: () => ({ status: { toString: () => "pass" } }),
    message: "returned the unknown status an object",
  },
  {
    what: "a status that throws",
    returned: () => ({
      get status() {
        return refuse();
      },
    }),
    message: unreadable,
  },
  {
    what: "an outcome whose message throws",
    returned: () => ({
      status: "pass",
      get message() {
        return refuse();
      },
    }),
    message: unreadable,
  },
  {
    what: "an outcome whose cause throws",
    returned: () => ({ status: "fail", cause: Object.defineProperty(new Error(""), "message", { get: refuse }) }),
    message: unreadable,
  },
  {
    what: "a status that turns into pass",
    returned: () => {
      let reads = 0;
      return {
        get status() {
          return reads++ === 0 ? "DOWN" : "pass";
        },
      };
    },
    message: 'returned the unknown status "DOWN"',
  },
  {
    what: "a failure without a message",
    returned: () => ({ status: "fail" }),
    message: "failed without a message",
    errorType: "_OTHER",
  },
  {
    what: "a failure whose details are nonsense",
    returned: () => ({ status: "fail", message: 5, hint: {}, errorType: [], fault: "mine", retryAfterMs: "soon" }),
    message: "failed without a message",
    errorType: "_OTHER",
  },
  {
    what: "a failure that never wants to be asked again",
    returned: () => ({ status: "fail", message: "later", retryAfterMs: Number.NaN }),
    message: "later",
    errorType: "_OTHER",
  },
  {
    what: "a proxy that throws in every trap",
    returned: () => untouchable(),
    message: "nobody may look",
    errorType: "Error",
  },
  {
    what: "a revoked proxy",
    returned: revoked,
    message: "Cannot perform 'get' on a proxy that has been revoked",
    errorType: "TypeError",
  },
  { what: "a promise of a number", returned: async () => 200, message: "returned 200" },
  {
    what: "a promise of its own kind that rejects",
    returned: () => Promised.reject(new Error("disk full")),
    message: "disk full",
    errorType: "Error",
  },
  {
    what: "a thenable whose then throws",
    returned: () => thenable(refuse),
    message: "nobody may look",
    errorType: "Error",
  },
  {
    what: "a thenable whose then cannot be read",
    returned: () => thenable({ get: refuse }),
    message: "nobody may look",
    errorType: "Error",
  },
  {
    what: "a thenable that rejects and resolves",
    returned: () =>
      thenable((resolve, reject) => {
        reject(new Error("first"));
        resolve({ status: "pass" });
      }),
    message: "first",
    errorType: "Error",
  },
  {
    what: "a thenable that calls back at once with nonsense",
    returned: () =>
      thenable((resolve) => {
        resolve("ok");
      }),
    message: 'returned "ok"',
  },
  {
    what: "a thenable of a thenable that rejects",
    returned: () =>
      thenable((resolve) => {
        resolve(thenable(refuse));
      }),
    message: "nobody may look",
    errorType: "Error",
  },
];
