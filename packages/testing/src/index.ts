/** The front door of `@otp/testing`. */
export { pids, refs } from "./arbitrary/identities.ts";
export { reasons } from "./arbitrary/reasons.ts";
export { type TermOptions, terms } from "./arbitrary/terms.ts";
export { codecContract } from "./conformance/codec.ts";
export { runtimeContract, type RuntimeSubject } from "./conformance/runtime.ts";
export { transportContract } from "./conformance/transport.ts";
export { viaContract, type ViaSubject } from "./conformance/via.ts";
