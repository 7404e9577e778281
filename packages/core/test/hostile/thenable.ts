type Then = (resolve: (value?: unknown) => void, reject: (reason?: unknown) => void) => void;

/** An object that `await` takes for a promise. */
export function thenable(then: Then | PropertyDescriptor): object {
  // biome-ignore lint/suspicious/noThenProperty: what `await` does with it is what is tested
  return Object.defineProperty({}, "then", typeof then === "function" ? { value: then } : then);
}
