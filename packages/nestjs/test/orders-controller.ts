import { Body, Controller, Get, HttpCode, Post, type Type } from "@nestjs/common";

/** Decorators as functions: the tests run as Node strips types. */
function decorate(type: Type, method: string, ...decorators: readonly MethodDecorator[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(type.prototype, method) as PropertyDescriptor;
  for (const each of decorators) each(type.prototype, method, descriptor);
}

/** Routes of an application of its own, made anew so that nothing is shared with another one. */
export function ordersController(): Type {
  class Orders {
    list(): readonly string[] {
      return ["tea"];
    }
    place(order: unknown): unknown {
      return order;
    }
    boom(): never {
      throw new Error("no tea");
    }
  }
  Controller()(Orders);
  decorate(Orders, "list", Get("orders"));
  decorate(Orders, "place", Post("orders"), HttpCode(200));
  Body()(Orders.prototype, "place", 0);
  decorate(Orders, "boom", Get("boom"));
  return Orders;
}
