import { Controller, Get, type Type } from "@nestjs/common";

/** A controller with a GET route for each function, by its name. */
export function routesOf(routes: Readonly<Record<string, () => unknown>>): Type {
  class Routes {}
  Object.assign(Routes.prototype, routes);
  Controller()(Routes);
  for (const name of Object.keys(routes)) {
    const descriptor = Object.getOwnPropertyDescriptor(Routes.prototype, name) as PropertyDescriptor;
    Get(name)(Routes.prototype, name, descriptor);
  }
  return Routes;
}
