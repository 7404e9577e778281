import { Controller, Get, Header, type Type } from "@nestjs/common";
import type { Routes } from "./serve.ts";

/** A controller with the two routes. Decorators are called as functions: Node strips types, and nothing else. */
export function controllerOf({ orders, slow }: Routes): Type {
  class OrdersController {
    orders(): string {
      return orders;
    }
    async slow(): Promise<string> {
      await slow();
      return "slow tea";
    }
  }
  Controller()(OrdersController);
  const decorate = (method: "orders" | "slow", ...decorators: readonly MethodDecorator[]) => {
    const descriptor = Object.getOwnPropertyDescriptor(OrdersController.prototype, method) as PropertyDescriptor;
    for (const each of decorators) each(OrdersController.prototype, method, descriptor);
  };
  decorate("orders", Get("orders"), Header("Content-Type", "application/json"));
  decorate("slow", Get("slow"));
  return OrdersController;
}
