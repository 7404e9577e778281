import { inspect } from "node:util";
import type { Screen } from "./screen.ts";

/** Prints a piece of what was seen, below the claim that it proves. */
type Show = (source: string, seen: string) => void;

/** Says `text`, once `observe` has seen that it is so; where `observe` throws, the claim is false and the story ends. */
export type Claim = <T>(text: string, observe: (show: Show) => T | Promise<T>) => Promise<T>;

/** A claim that was not observed. The screen has told it. */
export class FalseClaim extends Error {}

/** Tells claims on the screen, with the time and with what was seen. */
export class Claims {
  readonly #screen: Screen;
  readonly #startedAt: number = performance.now();
  #observed = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  get observed(): number {
    return this.#observed;
  }

  get seconds(): string {
    return ((performance.now() - this.#startedAt) / 1_000).toFixed(1);
  }

  readonly claim: Claim = async (text, observe) => {
    const shown: (() => void)[] = [];
    const show: Show = (source, seen) => void shown.push(() => this.#screen.entry(this.#gray(source), seen));
    try {
      const seen = await observe(show);
      this.#tell(this.#screen.paint("green", "✓"), text, shown);
      this.#observed += 1;
      return seen;
    } catch (error) {
      show("instead", error instanceof Error ? error.message : inspect(error));
      this.#tell(this.#screen.paint("red", "✗"), text, shown);
      throw new FalseClaim(text, { cause: error });
    }
  };

  #tell(mark: string, text: string, shown: readonly (() => void)[]): void {
    const time = this.#screen.paint("gray", `${this.seconds.padStart(5)} s`);
    this.#screen.entry(`${time} ${mark} `, text);
    for (const show of shown) show();
  }

  #gray(source: string): string {
    return this.#screen.paint("gray", `          ${source.padEnd(15)}`);
  }
}
