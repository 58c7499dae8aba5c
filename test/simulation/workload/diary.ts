/** What the actors of a workload have seen, in the order in which they saw it; what is judged when the run is over. */
import type { Pid, Ref } from "@otp/core";

import type { Actor } from "./actor.ts";

/** What an actor did or saw. */
export type Deed =
  | { readonly did: "send"; readonly to: Actor; readonly serial: number; readonly mark: number | null }
  | { readonly did: "get"; readonly from: number; readonly serial: number; readonly mark: number | null }
  | { readonly did: "link" | "unlink"; readonly other: Actor }
  | { readonly did: "exitMessage"; readonly from: Pid; readonly reason: unknown }
  | { readonly did: "monitor"; readonly ref: Ref; readonly other: Actor }
  | { readonly did: "demonitor"; readonly ref: Ref; readonly isFlushed: boolean }
  | { readonly did: "down"; readonly ref: Ref; readonly from: Pid; readonly reason: unknown }
  | { readonly did: "trap"; readonly on: boolean }
  | { readonly did: "mayDieOf"; readonly other: Actor; readonly reason: unknown }
  | { readonly did: "sendExit"; readonly other: Actor }
  | { readonly did: "end"; readonly reason: unknown };

/** A deed with who did it and when. */
export type Entry = Deed & { readonly who: Actor; readonly at: number };

/** The entries of one run, and what was found wrong while it ran. */
export class Diary {
  readonly entries: Entry[] = [];
  readonly faults: string[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  note(who: Actor, deed: Deed): void {
    this.entries.push({ ...deed, who, at: this.#now() });
  }

  fault(what: string): void {
    this.faults.push(what);
  }

  /** The entries of one kind. */
  only<Did extends Deed["did"]>(did: Did): (Extract<Deed, { readonly did: Did }> & Entry)[] {
    return this.entries.filter((entry): entry is Extract<Deed, { readonly did: Did }> & Entry => entry.did === did);
  }
}
