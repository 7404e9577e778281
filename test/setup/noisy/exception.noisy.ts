import { it } from "vitest";

it("passes, and leaves an exception behind", async () => {
  setImmediate(() => {
    throw new Error("nobody catches");
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
});
