import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as core from "@otel-health/core";
import * as testing from "@otel-health/core/testing";
import * as express from "@otel-health/express";
import * as http from "@otel-health/http";
import * as pino from "@otel-health/pino";
import { expected, outage } from "./outage.cjs";

const require = createRequire(import.meta.url);
const names = ["core", "core/testing", "http", "express", "pino"];

test("imported", async () => {
  assert.deepEqual(await outage(core, testing, http, express, pino), expected);
});

test("required", async () => {
  assert.deepEqual(await outage(...names.map((name) => require(`@otel-health/${name}`))), expected);
});
