import { it } from "vitest";

console.log("written at import");
it("is blamed for its file", () => {});
