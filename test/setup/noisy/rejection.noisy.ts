import { it } from "vitest";

it("passes, and leaves a rejection behind", async () => {
  void Promise.reject(new Error("nobody listens"));
  await new Promise((resolve) => setImmediate(resolve));
});
