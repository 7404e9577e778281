import * as core from "@otel-health/core";
import * as testing from "@otel-health/core/testing";
import * as express from "@otel-health/express";
import * as http from "@otel-health/http";
import * as pino from "@otel-health/pino";
import { expected, outage } from "./outage.cjs";

test("an outage on a fake clock", async () => {
  expect(await outage(core, testing, http, express, pino)).toEqual(expected);
});
