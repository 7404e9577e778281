import { healthEndpoints } from "@otel-health/express";
import express, { type ErrorRequestHandler } from "express";
import { forecastDemand } from "./forecast.ts";
import { health } from "./health.ts";
import { log } from "./log.ts";
import { findOrder, latestOrders, placeOrder } from "./orders.ts";

export const app = express();
app.use(healthEndpoints(health)); // /livez /readyz /startupz, before anything that could slow them down
app.use(express.json());

app.post("/orders", async (request, response) => {
  const { item, quantity = 1 } = request.body ?? {};
  if (typeof item !== "string" || !Number.isInteger(quantity) || quantity < 1) {
    response.status(400).json({ error: 'send { "item": "tea", "quantity": 2 }' });
    return;
  }
  response.status(201).json(await placeOrder(item, quantity));
});

app.get("/forecast", (request, response) => {
  const seconds = Math.min(Number(request.query["seconds"]) || 1, 60);
  response.json({ seconds, demand: forecastDemand(seconds) });
});

app.get("/orders", async (_request, response) => {
  response.json(await latestOrders());
});

app.get("/orders/:id", async (request, response) => {
  const id = Number(request.params.id);
  const order = Number.isInteger(id) ? await findOrder(id) : undefined;
  response.status(order ? 200 : 404).json(order ?? { error: "no such order" });
});

const onError: ErrorRequestHandler = (err, request, response, _next) => {
  const status: number = err.status ?? 503;
  if (status >= 500) log.error({ err, method: request.method, url: request.url }, "request failed");
  response.status(status).json({ error: status >= 500 ? "try again later" : err.message });
};
app.use(onError);
