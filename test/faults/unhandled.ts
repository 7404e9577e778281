/** Collects what would have ended the process. */
export class Unhandled implements Disposable {
  readonly errors: string[] = [];

  constructor() {
    process.on("uncaughtException", this.#add);
    process.on("unhandledRejection", this.#add);
  }

  [Symbol.dispose](): void {
    process.off("uncaughtException", this.#add);
    process.off("unhandledRejection", this.#add);
  }

  readonly #add = (error: unknown): void => {
    this.errors.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  };
}
