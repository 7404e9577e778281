export { describeFuzz } from "./describe-fuzz.ts";
export { type FuzzOptions, type FuzzResult, fuzz } from "./fuzz.ts";
