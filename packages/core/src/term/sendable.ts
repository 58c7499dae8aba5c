/** Objects of our own that are more than data on their node, and data in a message that leaves it. */

/** An object that can be sent although it is an instance of a class; it arrives as what `~toTerm` gives. */
export interface Sendable {
  "~toTerm"(): unknown;
}

/** True for objects that say themselves what they are in a message. */
export function isSendable(value: object): value is Sendable {
  return "~toTerm" in value && typeof value["~toTerm"] === "function";
}
