import { HealthError } from "../health-error.ts";
import type { HealthState } from "../state/check-state.ts";

/** What is asked of a check to find out who caused what. */
export interface CauseState {
  readonly status: HealthState;
  /** When that was entered, on the timeline. */
  readonly since: number;
}

/** Which checks depend on which, by name. Names that no check has at the moment count for nothing. */
export class Dependencies {
  readonly #direct = new Map<string, readonly string[]>();
  readonly #ancestors = new Map<string, readonly string[]>();
  readonly #dependents = new Map<string, readonly string[]>();

  /** Adds what one check depends on. Throws `HealthError` for what it may not depend on. */
  add(name: string, dependsOn: readonly string[], isCheck: (name: string) => boolean): void {
    for (const other of dependsOn) {
      if (!isCheck(other))
        throw new HealthError(
          "unknown_check",
          `check "${name}" depends on "${other}", which is no check; register that first, or take it out of dependsOn`,
        );
      const path = other === name ? [name] : this.#path(other, name);
      if (path !== undefined)
        throw new HealthError(
          "dependency_cycle",
          `checks depend on each other: ${[name, ...path].join(" on ")}; take one of them out of its dependsOn`,
        );
    }
    if (dependsOn.length === 0) return;
    this.#direct.set(name, dependsOn);
    this.#forget();
  }

  remove(name: string): void {
    if (this.#direct.delete(name)) this.#forget();
  }

  /** All that a check depends on, also by way of others. */
  ancestorsOf(name: string): readonly string[] {
    return this.#direct.has(name) ? remembered(this.#ancestors, name, () => this.#reach(name)) : none;
  }

  /** All that depend on a check, also by way of others. */
  dependentsOf(name: string): readonly string[] {
    if (this.#direct.size === 0) return none;
    return remembered(this.#dependents, name, () =>
      [...this.#direct.keys()].filter((other) => this.ancestorsOf(other).includes(name)),
    );
  }

  /**
   * The check to blame for trouble of another one: of the unhealthy ones that it depends on, one that depends on none
   * itself; of several the one that has been unhealthy for longest, then the first by name.
   */
  rootCauseOf(name: string, stateOf: (name: string) => CauseState | undefined): string | undefined {
    let root: { readonly name: string; readonly since: number } | undefined;
    for (const ancestor of this.ancestorsOf(name)) {
      const state = stateOf(ancestor);
      if (state?.status !== "unhealthy") continue;
      if (this.ancestorsOf(ancestor).some((above) => stateOf(above)?.status === "unhealthy")) continue;
      const { since } = state;
      if (root === undefined || since < root.since || (since === root.since && ancestor < root.name))
        root = { name: ancestor, since };
    }
    return root?.name;
  }

  /** The names from one check to another along what they depend on, both included; undefined where there is no way. */
  #path(from: string, to: string, seen: Set<string> = new Set()): readonly string[] | undefined {
    if (seen.has(from)) return undefined;
    seen.add(from);
    for (const next of this.#direct.get(from) ?? none) {
      const rest = next === to ? [to] : this.#path(next, to, seen);
      if (rest !== undefined) return [from, ...rest];
    }
    return undefined;
  }

  #reach(name: string): readonly string[] {
    const reached = new Set<string>();
    const visit = (from: string) => {
      for (const next of this.#direct.get(from) ?? none) {
        if (reached.has(next)) continue;
        reached.add(next);
        visit(next);
      }
    };
    visit(name);
    return [...reached];
  }

  #forget(): void {
    this.#ancestors.clear();
    this.#dependents.clear();
  }
}

const none: readonly string[] = [];

function remembered(
  kept: Map<string, readonly string[]>,
  name: string,
  make: () => readonly string[],
): readonly string[] {
  let value = kept.get(name);
  if (value === undefined) {
    value = make();
    kept.set(name, value);
  }
  return value;
}
