import type { PanicSource } from "./panic.ts";
import type { RejectionMode } from "./rejection-mode.ts";

const event = "unhandledRejection";

/** On every listener of this package, whichever copy of it: none of them may be taken for the application's. */
const mark: unique symbol = Symbol.for("otel-health.rejection-listener");

/** How often it goes behind a new listener: another that wants to be the last as well would make it go for ever. */
const mostMoves = 100;

/** A warning by Node, of a rejection: the one that describes it, of the two that it writes. */
const warningName = "UnhandledPromiseRejectionWarning";
const secondWarning = /\(rejection id: \d+\)$/;

/**
 * Hears of the rejections that end as no exception, and changes nothing about what Node does with them. In most modes Node
 * does less where anyone listens: there it listens only while someone else does, behind all others, so that a
 * rejection that one of them throws again is not heard of twice.
 */
export class RejectionListener {
  readonly #source: PanicSource;
  readonly #mode: RejectionMode;
  readonly #onRejection: ((reason: unknown) => void) & { readonly [mark]: true };
  #listening = false;
  #moves = 0;
  #closed = false;

  constructor(source: PanicSource, mode: RejectionMode, onRejection: (reason: unknown) => void) {
    this.#source = source;
    this.#mode = mode;
    this.#onRejection = Object.assign((reason: unknown) => onRejection(reason), { [mark]: true as const });
    // Each is an exception first, whoever listens.
    if (mode === "strict") return;
    source.on("newListener", this.#onAdded);
    source.on("removeListener", this.#onRemoved);
    if (mode === "warn-with-error-code") source.on("warning", this.#onWarning);
    this.#follow();
  }

  close(): void {
    this.#closed = true;
    this.#source.off("newListener", this.#onAdded);
    this.#source.off("removeListener", this.#onRemoved);
    this.#source.off("warning", this.#onWarning);
    this.#leave();
  }

  // Told before it is added: what follows it is done after that, and before any rejection is dealt with.
  readonly #onAdded = (name: unknown, listener: unknown): void => {
    if (name !== event || isOwn(listener)) return;
    if (!this.#listening || this.#moves++ < mostMoves) queueMicrotask(() => this.#follow());
  };

  readonly #onRemoved = (name: unknown, listener: unknown): void => {
    if (name === event && !isOwn(listener)) this.#leave();
  };

  /** In this mode, where nobody listens, its warnings are all that there is. */
  readonly #onWarning = (warning: unknown): void => {
    if (!(warning instanceof Error) || warning.name !== warningName || secondWarning.test(warning.message)) return;
    this.#onRejection(described(warning));
  };

  /** Listens where it may, as the last. */
  #follow(): void {
    if (this.#listening) this.#source.off(event, this.#onRejection);
    this.#listening = this.#mayListen();
    if (!this.#listening) return;
    this.#source.on(event, this.#onRejection);
    // Who heard of that may have left, or ended this.
    if (!this.#listening) this.#source.off(event, this.#onRejection);
  }

  /** Never adds itself: it may be told in the middle of that. */
  #leave(): void {
    if (!this.#listening || this.#mayListen()) return;
    this.#listening = false;
    this.#source.off(event, this.#onRejection);
  }

  #mayListen(): boolean {
    return !this.#closed && (this.#isHarmless() || this.#isHeardByOthers());
  }

  /** Node writes its warning, or nothing, whoever listens. */
  #isHarmless(): boolean {
    return this.#mode === "warn" || this.#mode === "none";
  }

  #isHeardByOthers(): boolean {
    return this.#source.listeners(event).some((listener) => !isOwn(listener));
  }
}

function isOwn(listener: unknown): boolean {
  return typeof listener === "function" && mark in listener;
}

/** Of an error the warning has the stack as its message, of anything else what it looks like. */
function described({ message }: Error): unknown {
  const [first = ""] = message.split("\n", 1);
  return Object.assign(new Error(first), { name: warningName, stack: message });
}
