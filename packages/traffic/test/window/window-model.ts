/** What a window has seen, kept whole: slow, and obviously right. */
export class WindowModel {
  readonly #bucketMs: number;
  readonly #calls: { readonly bucket: number; failed: boolean; isGone: boolean }[] = [];
  readonly #givenUp: { readonly bucket: number }[] = [];
  readonly #durations: { readonly bucket: number; readonly ms: number }[] = [];
  #now = Number.NEGATIVE_INFINITY;
  #cleared = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.#bucketMs = windowMs / 20;
  }

  /** The bucket of a moment; a clock that steps back stands still. */
  bucket(now: number): number {
    this.#now = Math.max(this.#now, Math.floor(now / this.#bucketMs));
    return this.#now;
  }

  count(now: number, failed: boolean): void {
    this.#calls.push({ bucket: this.bucket(now), failed, isGone: false });
  }

  giveUp(now: number): void {
    this.#givenUp.push({ bucket: this.bucket(now) });
  }

  time(now: number, ms: number): void {
    this.#durations.push({ bucket: this.bucket(now), ms });
  }

  /**
   * Turns the call that was the `nth` to be counted into an error; false where the window does not hold it, or was
   * cleared in the bucket of that call or later.
   */
  amend(nth: number): boolean {
    const call = this.#calls[nth];
    if (call === undefined || !this.#isHeld(call) || call.bucket <= this.#cleared) return false;
    call.failed = true;
    return true;
  }

  clear(): void {
    this.#cleared = this.#now;
    for (const call of this.#calls) call.isGone = true;
    this.#durations.length = 0;
    this.#givenUp.length = 0;
  }

  get calls(): number {
    return this.#counted.length;
  }

  get errors(): number {
    return this.#counted.filter(({ failed }) => failed).length;
  }

  get unanswered(): number {
    return this.#held(this.#givenUp).length;
  }

  get durations(): readonly number[] {
    return this.#held(this.#durations).map(({ ms }) => ms);
  }

  get #counted() {
    return this.#held(this.#calls).filter(({ isGone }) => !isGone);
  }

  #held<T extends { readonly bucket: number }>(all: readonly T[]): readonly T[] {
    return all.filter((each) => this.#isHeld(each));
  }

  #isHeld({ bucket }: { readonly bucket: number }): boolean {
    return bucket > this.#now - 20;
  }
}
