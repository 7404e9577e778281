import { type Context, context, type createContextKey, ROOT_CONTEXT, type Span, trace } from "@opentelemetry/api";
import { outside } from "../outside.ts";

/** The key that every OpenTelemetry SDK looks at before it starts a span; the SDK spells it with this symbol. */
const suppressKey: ReturnType<typeof createContextKey> = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

/** Says of a context that what happens in it is done for health: by a symbol that every copy of this package shares. */
const healthKey: ReturnType<typeof createContextKey> = Symbol.for("otel-health context");

const healthRoot: Context = ROOT_CONTEXT.setValue(healthKey, true);
const suppressedRoot: Context = healthRoot.setValue(suppressKey, true);

/** Whether what happens in a context is done for health, by a check or a probe, and not by the application's own traffic. */
export function isHealthContext(context: Context): boolean {
  return context.getValue(healthKey) === true;
}

/** Calls `fn` outside every trace and with tracing suppressed. A context manager that throws changes nothing. */
export function untraced<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
  return within(suppressedRoot, fn, args);
}

/** Calls `fn` outside every trace and every request: what the schedule does belongs to none in which it was set going. */
export function detached<R>(fn: () => R): R {
  return outside(() => within(ROOT_CONTEXT, fn, []));
}

/** Calls `fn` inside a span: what it asks of others belongs to that. */
export function inSpan<A extends unknown[], R>(span: Span, fn: (...args: A) => R, ...args: A): R {
  return within(trace.setSpan(healthRoot, span), fn, args);
}

function within<A extends unknown[], R>(entered: Context, fn: (...args: A) => R, args: A): R {
  let called = false;
  let threw = false;
  let result: unknown;
  try {
    context.with(entered, () => {
      called = true;
      try {
        result = fn(...args);
      } catch (error) {
        threw = true;
        result = error;
      }
    });
  } catch {
    // What it did is known; what the manager makes of it is of no interest.
  }
  // A manager that calls nothing must not read as a function that returned nothing.
  if (!called) return fn(...args);
  if (threw) throw result;
  return result as R;
}
