import { EventEmitter } from "node:events";
import { expect, it } from "vitest";

it("is silent", () => {
  console.assert(true, "a true assertion writes nothing");
  expect(1).toBe(1);
});

it.each(["debug", "dir", "error", "info", "log", "table", "trace", "warn"] as const)("writes by %s", (method) => {
  console[method]("text");
});

it("writes by a false assertion", () => {
  console.assert(false, "text");
});

it("writes from a swallowed place", async () => {
  await Promise.reject(new Error("x")).catch(() => console.log("text"));
});

it("leaks listeners", async () => {
  const emitter = new EventEmitter();
  for (let count = 0; count < 11; count += 1) emitter.on("event", () => {});
  // The warning is emitted in a later tick.
  await new Promise((resolve) => setImmediate(resolve));
});

it("arms a timer for longer than Node can", async () => {
  clearTimeout(setTimeout(() => {}, 2 ** 31));
  await new Promise((resolve) => setImmediate(resolve));
});

it("is silent again", () => {
  expect(1).toBe(1);
});
