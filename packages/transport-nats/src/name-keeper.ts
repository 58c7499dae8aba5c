/**
 * Gets a node its name and keeps it (NODE-19): claims it when the node starts, defends it, and claims it again when the
 * connection was broken, since another may have taken it meanwhile.
 */
import type { Runtime, TimerHandle } from "@otp/core/runtime";

import { decodeClaim, encodeClaim, judge, nonceBytes, type Standing } from "./name-claim.ts";

const repeatMs = 200;
const patienceMs = 1_000;
const refusedMax = 16;
/** In a cluster of servers each learns a moment later who listens at the others: of two nodes that start at the same instant, neither may hear the other's first claim. */
const verifyMs = 1_000;

/** How a claim ended: nobody has the name, somebody has, or somebody listens and says nothing. */
export type ClaimOutcome = "granted" | "taken" | "silent";

/** What the keeper works with. */
export interface NameKeeperOptions {
  readonly runtime: Runtime;
  /** Says something to whoever has or wants the name, and lets the server tell when there is nobody. */
  readonly ask: (bytes: Uint8Array) => void;
  /** Says something to whoever has or wants the name. */
  readonly answer: (bytes: Uint8Array) => void;
  /** The name, once ours, turned out to be another's. */
  readonly lost: () => void;
}

/** The name of one opened transport. */
export class NameKeeper {
  readonly #options: NameKeeperOptions;
  readonly #nonce: Uint8Array;
  #phase: Standing["phase"] = "claiming";
  #refused: readonly Uint8Array[] = [];
  #timer: TimerHandle | undefined;
  #settle: ((outcome: ClaimOutcome) => void) | undefined;

  constructor(options: NameKeeperOptions) {
    this.#options = options;
    this.#nonce = options.runtime.randomBytes(nonceBytes);
  }

  /** Claims the name for the first time. */
  claim(): Promise<ClaimOutcome> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#ask(patienceMs / repeatMs);
    });
  }

  /** Takes the name as granted, and makes sure a little later. */
  own(): void {
    this.#phase = "owner";
    this.#timer = this.#options.runtime.setTimer(verifyMs, () => this.reclaim(), true);
  }

  /** Claims the name again, after the connection was broken; who has taken it meanwhile keeps it. */
  reclaim(): void {
    if (this.#phase === "claiming") return;
    this.#timer?.cancel();
    this.#phase = "reclaiming";
    this.#ask(patienceMs / repeatMs);
  }

  /** Hears what somebody says about the name; anything but a well-formed message is ignored. */
  hear(bytes: Uint8Array): void {
    const heard = decodeClaim(bytes);
    if (heard === undefined) return;
    const verdict = judge({ phase: this.#phase, nonce: this.#nonce, refused: this.#refused }, heard);
    if (verdict === "answer") {
      this.#refused = [...this.#refused.slice(1 - refusedMax), heard.nonce];
      this.#options.answer(encodeClaim({ ...heard, kind: "owned" }));
    } else if (verdict === "give_up") this.#end("taken");
  }

  /** Learns from the server that nobody else listens under the name. */
  hearNobody(): void {
    if (this.#phase !== "owner") this.#end("granted");
  }

  /** Ends everything; a claim that is under way ends as if nobody had answered. */
  stop(): void {
    this.#timer?.cancel();
    this.#settle?.("silent");
    this.#settle = undefined;
  }

  #ask(attempts: number): void {
    if (attempts <= 0) {
      this.#end("silent");
      return;
    }
    const isSenior = this.#phase === "reclaiming";
    this.#options.ask(encodeClaim({ kind: "claim", isSenior, nonce: this.#nonce }));
    // While a node starts somebody waits for it; later checks keep nobody alive.
    this.#timer = this.#options.runtime.setTimer(repeatMs, () => this.#ask(attempts - 1), isSenior);
  }

  #end(outcome: ClaimOutcome): void {
    this.#timer?.cancel();
    if (this.#phase === "claiming") {
      this.#settle?.(outcome);
      this.#settle = undefined;
    } else {
      // Silence after a break is no proof that the name has gone to somebody else.
      this.#phase = "owner";
      if (outcome === "taken") this.#options.lost();
    }
  }
}
