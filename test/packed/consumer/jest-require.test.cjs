const { expected, outage } = require("./outage.cjs");

const names = ["core", "core/testing", "http", "express", "pino"];

test("an outage on a fake clock", async () => {
  expect(await outage(...names.map((name) => require(`@otel-health/${name}`)))).toEqual(expected);
});

test("errors are recognised", () => {
  const { createHealth, HealthError, isHealthError } = require("@otel-health/core");
  const misuse = () => createHealth({ interval: 1 });
  expect(misuse).toThrow(HealthError);
  expect(misuse).toThrow(expect.objectContaining({ code: "invalid_option" }));
  expect(isHealthError(new Error("of someone else"))).toBe(false);
});
