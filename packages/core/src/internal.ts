/** For sibling packages only: what behaviours need of the machine. */
export { invariant } from "./base/invariant.ts";
