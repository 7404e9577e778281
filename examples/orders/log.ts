import { pino } from "pino";

export const log = pino({ name: "orders", level: process.env["LOG_LEVEL"] ?? "info" });
