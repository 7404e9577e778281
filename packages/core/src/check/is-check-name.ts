const shape = /^[a-z][a-z0-9_.-]{0,62}$/;

/** Whether a value could be the name of a check. */
export function isCheckName(name: unknown): name is string {
  return typeof name === "string" && shape.test(name);
}
