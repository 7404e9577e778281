import { eventually } from "./expectations.ts";

/** The newest thing of its kind that the collector has got, once it has. */
export async function arrival<T extends object>(
  what: string,
  arrived: () => readonly T[],
  isWanted: (thing: T) => boolean,
): Promise<T> {
  const found = await eventually(
    `${what} arrives at the collector`,
    () => arrived().findLast(isWanted),
    (thing) => thing !== undefined,
  );
  return found as T;
}
