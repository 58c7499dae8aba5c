/** Who holds which lock of a partition, and who waits for it, as plain data (REG-12). */
import { type Pid, type Ref } from "@otp/core";

import type { From } from "../gen/from.ts";

/** One wish for one lock. */
export interface Claim {
  /** The lock's key, the same for keys that are equal by value. */
  readonly index: unknown;
  /** Unique among the claims of one partition. */
  readonly id: number;
  /** Where the news goes that the lock is held. */
  readonly from: From<number>;
  /** Of the monitor on whoever wishes; undefined for code outside any process. */
  readonly ref: Ref | undefined;
  readonly claimant: Pid | undefined;
}

/** The locks of one partition: for each, its holder and those who wait, in the order of asking. */
export class Locks {
  readonly #queues = new Map<unknown, Claim[]>();
  #claims = 0;

  /** The id of the next claim. */
  nextId(): number {
    return (this.#claims += 1);
  }

  /** Adds a claim; true if it holds the lock at once. */
  add(claim: Claim): boolean {
    const queue = this.#queues.get(claim.index);
    if (queue === undefined) this.#queues.set(claim.index, [claim]);
    else queue.push(claim);
    return queue === undefined;
  }

  /** The claim that is wanted. */
  find(isWanted: (claim: Claim) => boolean): Claim | undefined {
    for (const queue of this.#queues.values()) {
      const claim = queue.find(isWanted);
      if (claim !== undefined) return claim;
    }
    return undefined;
  }

  /** Strikes a claim; gives the one that holds the lock from now on, if that has changed. */
  remove(claim: Claim): Claim | undefined {
    const queue = this.#queues.get(claim.index) ?? [];
    const [holder] = queue;
    const others = queue.filter((other) => other !== claim);
    if (others.length > 0) this.#queues.set(claim.index, others);
    else this.#queues.delete(claim.index);
    return claim === holder ? others[0] : undefined;
  }
}
