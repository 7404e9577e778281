/** A value that a check throws, and what is said of it. */
export interface HostileThrown {
  readonly what: string;
  readonly thrown: () => unknown;
  readonly message: string;
  readonly errorType?: string;
}

const unreadable = "threw a value that throws when it is read";

function refuse(): never {
  throw new Error("nobody may look");
}

/** Throws whatever is done to it. */
export function untouchable(target: object = {}): object {
  const traps = Object.getOwnPropertyNames(Reflect).map((trap) => [trap, refuse]);
  return new Proxy(target, Object.fromEntries(traps));
}

/** An object that nothing can be done with any more. */
export function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function errorWith(property: string, get: () => unknown): Error {
  return Object.defineProperty(new Error("disk full"), property, { get });
}

function circularCause(): Error {
  const outer = new Error("outer", { cause: new Error("inner") });
  (outer.cause as Error).cause = outer;
  return outer;
}

function circularArray(): unknown[] {
  const array: unknown[] = [];
  array.push(array);
  return array;
}

/** Six arrays deep, five wide, and every one of them shared: printed in full it would never end. */
function bushy(): unknown[] {
  let array: unknown[] = [];
  for (let depth = 0; depth < 60; depth++) array = Array(5).fill(array);
  return array;
}

class NameChanger extends Error {
  #reads = 0;
  override get message(): string {
    return this.#reads++ === 0 ? "disk full" : refuse();
  }
}

export const hostileThrown: readonly HostileThrown[] = [
  { what: "an error", thrown: () => new Error("disk full"), message: "disk full", errorType: "Error" },
  { what: "undefined", thrown: () => undefined, message: "threw undefined" },
  { what: "null", thrown: () => null, message: "threw null" },
  { what: "a string", thrown: () => "disk full", message: "threw disk full" },
  { what: "an empty string", thrown: () => "", message: "threw" },
  { what: "a number", thrown: () => 503, message: "threw 503" },
  { what: "NaN", thrown: () => Number.NaN, message: "threw NaN" },
  { what: "a boolean", thrown: () => false, message: "threw false" },
  { what: "a symbol", thrown: () => Symbol("disk full"), message: "threw a symbol" },
  { what: "a BigInt", thrown: () => 5n, message: "threw 5n" },
  { what: "a function", thrown: () => refuse, message: "threw a function" },
  { what: "an object", thrown: () => ({}), message: "threw an object" },
  { what: "a frozen object", thrown: () => Object.freeze({ code: "X" }), message: "threw an object" },
  { what: "an object without a prototype", thrown: () => Object.create(null), message: "threw an object" },
  {
    what: "an object like an error",
    thrown: () => ({ message: "no row", code: "PGRST116" }),
    message: "no row",
    errorType: "PGRST116",
  },
  { what: "an array that holds itself", thrown: circularArray, message: "threw [an array]" },
  {
    what: "an array of arrays of arrays",
    thrown: bushy,
    message: "threw [an array, an array, an array, an array, an array]",
  },
  { what: "a proxy that throws in every trap", thrown: () => untouchable(), message: unreadable },
  { what: "a function's proxy that throws in every trap", thrown: () => untouchable(refuse), message: unreadable },
  {
    what: "an error's proxy that throws in every trap",
    thrown: () => untouchable(new Error("disk full")),
    message: unreadable,
  },
  { what: "a revoked proxy", thrown: revoked, message: unreadable },
  { what: "a passing outcome", thrown: () => ({ status: "pass" }), message: "threw an object" },
  {
    what: "an outcome of an unknown status",
    thrown: () => ({ status: "DOWN" }),
    message: "threw an object",
  },
  { what: "an error whose message throws", thrown: () => errorWith("message", refuse), message: unreadable },
  { what: "an error whose code throws", thrown: () => errorWith("code", refuse), message: unreadable },
  { what: "an error whose name throws", thrown: () => errorWith("name", refuse), message: unreadable },
  { what: "an error whose cause throws", thrown: () => errorWith("cause", refuse), message: unreadable },
  {
    what: "an error whose stack throws",
    thrown: () => errorWith("stack", refuse),
    message: "disk full",
    errorType: "Error",
  },
  {
    what: "an error whose message is read but once",
    thrown: () => new NameChanger(),
    message: "disk full",
    errorType: "Error",
  },
  {
    what: "an error whose message is no string",
    thrown: () => errorWith("message", () => ({ toString: refuse })),
    message: "Error",
    errorType: "Error",
  },
  {
    what: "an error whose name is no string",
    thrown: () => errorWith("name", () => ({ toString: () => "Sneaky" })),
    message: "disk full",
  },
  {
    what: "an error without message and name",
    thrown: () => Object.assign(new Error(""), { name: Symbol("x") }),
    message: "threw an object",
  },
  {
    what: "an error whose code is a sentence",
    thrown: () => Object.assign(new Error("disk full"), { code: "no space left" }),
    message: "disk full",
  },
  {
    what: "an error whose code is a number",
    thrown: () => Object.assign(new Error("disk full"), { code: 28 }),
    message: "disk full",
    errorType: "Error",
  },
  { what: "an error whose cause leads back to it", thrown: circularCause, message: "outer: inner", errorType: "Error" },
  {
    what: "an error around the one that tells most",
    thrown: () =>
      Object.assign(
        new Error("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) }),
        {
          code: "UND_ERR",
        },
      ),
    message: "fetch failed: refused",
    errorType: "ECONNREFUSED",
  },
  {
    what: "an error that is its own cause",
    thrown: () =>
      errorWith("cause", function (this: Error) {
        return this;
      }),
    message: "disk full",
    errorType: "Error",
  },
  {
    what: "an error with a message of 1 MB",
    thrown: () => new Error("x".repeat(1_000_000)),
    message: `${"x".repeat(499)}…`,
    errorType: "Error",
  },
  {
    what: "an AggregateError",
    thrown: () => new AggregateError([new Error("::1 refused"), "127.0.0.1 refused"]),
    message: '::1 refused; "127.0.0.1 refused"',
    errorType: "AggregateError",
  },
  {
    what: "an AggregateError of nothing",
    thrown: () => new AggregateError([]),
    message: "AggregateError",
    errorType: "AggregateError",
  },
  {
    what: "an AggregateError whose errors throw",
    thrown: () => Object.defineProperty(new AggregateError([]), "errors", { get: refuse }),
    message: unreadable,
  },
  {
    what: "an AggregateError whose errors are none",
    thrown: () => Object.defineProperty(new AggregateError([]), "errors", { value: 5 }),
    message: "AggregateError",
    errorType: "AggregateError",
  },
  {
    what: "credentials",
    thrown: () => new Error("Invalid URL postgres://orders:hunter2@db/x"),
    message: "Invalid URL postgres://***@db/x",
    errorType: "Error",
  },
  {
    what: "credentials as a string",
    thrown: () => "postgres://orders:hunter2@db/x",
    message: "threw postgres://***@db/x",
  },
  {
    what: "credentials in an array",
    thrown: () => ["postgres://orders:hunter2@db/x"],
    message: 'threw ["postgres://***@db/x"]',
  },
];
