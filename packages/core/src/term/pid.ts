/** The address of one process, valid for one incarnation of its node (NODE-17). */
import type { NodeIdentity } from "./identity.ts";
import { printAsString } from "./inspect.ts";

/** From here on numbers are given by spawners on other nodes, within their own incarnation's space. */
export const spawnedNumbers: number = 2 ** 52;

/** What a pid of the own node points at while its process lives; the process layer knows what is behind it. */
export interface Resident {
  readonly pid: Pid;
}

/**
 * A process identifier. `Message` is what the process accepts; a pid that accepts more may stand where one that accepts
 * less is wanted.
 *
 * Prints as `#PID<node.number.0>`, or `#PID<0.number.0>` on its own node; `toString()` is also its key in maps. Two equal
 * pids on one node are `===` (JS-7).
 */
export class Pid<in Message = unknown> {
  /** Only for the type: what the process accepts. */
  declare readonly "~accepts"?: (message: Message) => void;
  /** The node's incarnation that the process lives, or lived, on. */
  readonly home: NodeIdentity;
  /** The process's number, unique within that incarnation (K6). */
  readonly number: number;
  /** The process while it lives in this very node, else null. */
  resident: Resident | null = null;

  constructor(home: NodeIdentity, number: number) {
    this.home = home;
    this.number = number;
  }

  /** The name of the process's node. */
  get node(): string {
    return this.home.name;
  }

  toString(): string {
    const node = this.home.isLocal ? "0" : this.home.name;
    // A pid that its spawner on another node has numbered is told apart by that node's incarnation.
    if (this.number >= spawnedNumbers) return `#PID<${node}.${this.number - spawnedNumbers}.${this.home.creation}>`;
    return `#PID<${node}.${this.number % 2 ** 28}.${Math.floor(this.number / 2 ** 28)}>`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** True if both name the same process of the same incarnation, also when they were seen on different nodes. */
export function isSamePid(a: Pid, b: Pid): boolean {
  return a === b || (a.number === b.number && a.home.name === b.home.name && a.home.creation === b.home.creation);
}

printAsString(Pid);
