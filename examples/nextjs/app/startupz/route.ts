export { probe as GET } from "../../health.ts";
