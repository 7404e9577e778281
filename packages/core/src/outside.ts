import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Calls a function in none of the application's `AsyncLocalStorage`s: what a request happens to set going for health goes
 * on after it, neither as its user nor in its transaction, and must not keep what it stored.
 */
export const outside: <R, A extends unknown[]>(fn: (...args: A) => R, ...args: A) => R = AsyncLocalStorage.snapshot();
