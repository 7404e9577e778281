export { logTransitions } from "./log-transitions.ts";
