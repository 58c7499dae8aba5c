/** A unique reference: of a monitor, a timer, a request, or an alias (ALIAS-1). */
import type { NodeIdentity } from "./identity.ts";
import { printAsString } from "./inspect.ts";

/**
 * A value that is equal to nothing but itself, also after a trip to another node and back (JS-7). Whether it is an alias,
 * whose, and whether it is active cannot be asked (ALIAS-10).
 */
export class Ref {
  readonly home: NodeIdentity;
  /** Unique within that incarnation of the node. */
  readonly number: number;

  constructor(home: NodeIdentity, number: number) {
    this.home = home;
    this.number = number;
  }

  /** The name of the node that made it. */
  get node(): string {
    return this.home.name;
  }

  toString(): string {
    const node = this.home.isLocal ? "0" : this.home.name;
    return `#Reference<${node}.${this.number}>`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** True if both are the same reference, also when they were seen on different nodes. */
export function isSameRef(a: Ref, b: Ref): boolean {
  return a === b || (a.number === b.number && a.home.name === b.home.name && a.home.creation === b.home.creation);
}

printAsString(Ref);
