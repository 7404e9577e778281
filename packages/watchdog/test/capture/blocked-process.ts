import { AsyncLocalStorage, executionAsyncId } from "node:async_hooks";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { Shared } from "./shared.ts";

// A process whose main thread blocks in the way that is asked for, while a worker asks for its stack and says what it
// was told. Then the main thread says what it finds changed, and ends by itself.

const [block = "", phase = "", path = ""] = process.argv.slice(2);
const shared = new Shared();
const { released } = shared;

class Report {
  render(): void {
    shared.begin();
    while (Atomics.load(released, 0) === 0); // blocks: method
  }
}

const blocks: { readonly [name: string]: () => void | Promise<void> } = {
  busy: function spin() {
    shared.begin();
    while (Atomics.load(released, 0) === 0); // blocks: busy
  },
  method() {
    new Report().render();
  },
  anonymous: () => {
    shared.begin();
    [1].forEach(() => {
      while (Atomics.load(released, 0) === 0); // blocks: anonymous
    });
  },
  wait: function waits() {
    shared.begin();
    Atomics.wait(released, 0, 0); // blocks: wait
  },
  regex: function validate() {
    shared.begin();
    /^(a+)+$/.test(`${"a".repeat(24)}b`); // blocks: regex
  },
  generated: function makes() {
    new Function("shared", "released", "shared.begin(); while (Atomics.load(released, 0) === 0);")(shared, released);
  },
  vm: function runsScript() {
    const script = "shared.begin(); while (Atomics.load(released, 0) === 0); for (;;);";
    try {
      runInNewContext(script, { shared, released, Atomics }, { filename: "/srv/plugin.js", timeout: 1_500 });
    } catch (error) {
      shared.say({ vm: (error as NodeJS.ErrnoException).code });
    }
  },
  wasm: function counts() {
    // (func (export "count") (param i64) (loop (br_if 0 (i64.ne (local.tee 0 (i64.sub (local.get 0) (i64.const 1))) (i64.const 0)))))
    const bytes =
      "0061736d0100000001050160017e000302010007090105636f756e7400000a130111000340200042017d22004200520d000b0b";
    const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyParts }).WebAssembly;
    const { count } = new Instance(new Module(Buffer.from(bytes, "hex"))).exports;
    shared.begin();
    count(2_000_000_000n); // blocks: wasm
  },
  // A step that goes on may be stopped before it has got anywhere in its function.
  await: async function chain() {
    // blocks: await
    shared.begin();
    while (Atomics.load(released, 0) === 0) await null; // blocks: await
  },
  awaits: async function consume() {
    // blocks: awaits
    const step = async () => {
      await null;
      return Atomics.load(released, 0) === 0;
    };
    shared.begin();
    while (await step()); // blocks: awaits
  },
  thens: () =>
    new Promise((resolve) => {
      shared.begin();
      const step = () => {
        if (Atomics.load(released, 0) === 1) resolve();
        else void Promise.resolve().then(step);
      };
      step();
    }),
  ticks: () =>
    new Promise((resolve) => {
      shared.begin();
      const step = () => {
        if (Atomics.load(released, 0) === 1) resolve();
        else process.nextTick(step);
      };
      step();
    }),
  debugger: function debugs() {
    shared.begin();
    // biome-ignore lint/suspicious/noDebugger: it must have no effect
    while (Atomics.load(released, 0) === 0) debugger; // blocks: debugger
  },
  json: function parses() {
    const json = longJson();
    shared.begin();
    return after(JSON.parse(json)); // blocks: json
  },
  fifo: function reads() {
    shared.begin();
    return after(readFileSync(path)); // blocks: fifo
  },
  /** As one that has just parsed what it was sent, and finds that it cannot go on. */
  exit: () => {
    const json = longJson();
    shared.begin();
    JSON.parse(json);
    process.exit(7);
  },
  /** Nobody says when it is over. */
  second: () => {
    shared.begin();
    const end = Date.now() + 1_000;
    while (Date.now() < end);
  },
  awaitsSecond: async () => {
    shared.begin();
    const end = Date.now() + 1_000;
    while (Date.now() < end) await null;
  },
};

/** What is used of `WebAssembly`, which is not in the types of Node. */
interface WebAssemblyParts {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: { count(n: bigint): void } };
}

function longJson(): string {
  return `[${'{"a":1,"b":[1,2,3]},'.repeat(2_000_000)}1]`;
}

function after(_result: unknown): void {}

const worker = new Worker(new URL("asking-worker.ts", import.meta.url), {
  workerData: { shared: shared.memory, block, phase },
  resourceLimits: { maxOldGenerationSizeMb: 16 },
  // Of a thread that hangs nothing would come.
  stdout: false,
});
const { promise: ended, resolve } = Promise.withResolvers<string>();
worker.on("exit", (code) => resolve(`exited with ${code}`));
worker.on("error", (error) => resolve(`failed: ${(error as NodeJS.ErrnoException).code ?? error.message}`));
await once(worker, "message");

const store = new AsyncLocalStorage<string>();

/** What a question must leave as it was. */
function marks(): string {
  return JSON.stringify({
    limit: Object.getOwnPropertyDescriptor(Error, "stackTraceLimit"),
    prepare: Object.getOwnPropertyDescriptor(Error, "prepareStackTrace"),
    prepared: String(Object.getOwnPropertyDescriptor(Error, "prepareStackTrace")?.value),
    names: Object.getOwnPropertyNames(Error),
    stack: new Error("of the application").stack?.split("\n").length,
    store: store.getStore(),
    asyncId: executionAsyncId(),
    matched: block === "regex" || RegExp.lastMatch,
  });
}

await store.run("a request", async () => {
  /x(?=y)/.test("xy");
  let microtasks = 0;
  queueMicrotask(() => {
    microtasks += 1;
  });
  const before = marks();
  const blocked = blocks[block]?.();
  // Nothing that had to wait for the end of this turn has run in it.
  const kept = marks() === before && microtasks === 0;
  await blocked;
  shared.end();
  shared.say({ free: true, kept, store: store.getStore() });
});
worker.postMessage("end");
if (phase.startsWith("hang")) await worker.terminate();
shared.say({ worker: await ended });
