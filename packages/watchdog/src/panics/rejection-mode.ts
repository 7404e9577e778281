/** The modes of Node's `--unhandled-rejections`. */
const rejectionModes = ["throw", "strict", "warn", "none", "warn-with-error-code"] as const;

/** What Node does with a rejection that nothing handles. */
export type RejectionMode = (typeof rejectionModes)[number];

const option = "--unhandled-rejections";

/** The mode that this process was started in; what is on the command line comes before `NODE_OPTIONS`. */
export function rejectionMode(execArgv: readonly string[], nodeOptions: string | undefined): RejectionMode {
  return lastMode(execArgv) ?? lastMode(nodeOptions?.split(/\s+/) ?? []) ?? "throw";
}

/** Of several Node takes the last, each in one word or in two, with dashes or underscores. */
function lastMode(words: readonly string[]): RejectionMode | undefined {
  let mode: RejectionMode | undefined;
  words.forEach((word, i) => {
    const unquoted = word.replaceAll('"', "");
    const [name = "", value = (words[i + 1] ?? "").replaceAll('"', "")] = unquoted.split("=", 2);
    if (name.replaceAll("_", "-") === option) mode = rejectionModes.find((known) => known === value) ?? mode;
  });
  return mode;
}
