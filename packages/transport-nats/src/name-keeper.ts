/**
 * Gets a node its name and keeps it (NODE-19): claims it when the node starts, defends it, and claims it again when the
 * connection was broken, since another may have taken it meanwhile.
 */
import type { Runtime, TimerHandle } from "@otp/core/runtime";

import { type ClaimMessage, decodeClaim, encodeClaim, judge, nonceBytes, type Standing } from "./name-claim.ts";

const repeatMs = 200;
const claims = 5;
/** After a rival was refused: it takes a moment to withdraw, and until then the server does not say that nobody is there. */
const claimsAfterRival = 15;
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
  /** Somebody says that the name, once ours, has become theirs; until `stop` it is kept. */
  readonly contested: () => void;
}

/** The name of one opened transport. */
export class NameKeeper {
  readonly #options: NameKeeperOptions;
  #nonce: Uint8Array;
  #phase: Standing["phase"] = "claiming";
  #refused: readonly Uint8Array[] = [];
  /** Claims still to be made before silence is taken for an answer. */
  #left = 0;
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
      this.#ask(claims);
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
    // A new one each time, so that an answer to an old claim cannot be played back.
    this.#nonce = this.#options.runtime.randomBytes(nonceBytes);
    this.#ask(claims);
  }

  /** Hears what somebody says about the name; anything but a well-formed message is ignored. */
  hear(bytes: Uint8Array): void {
    const heard = decodeClaim(bytes);
    if (heard === undefined) return;
    const verdict = judge({ phase: this.#phase, nonce: this.#nonce, refused: this.#refused }, heard);
    if (verdict === "answer") {
      this.#refuse(heard);
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

  #refuse(rival: ClaimMessage): void {
    if (!this.#refused.some((nonce) => Buffer.compare(nonce, rival.nonce) === 0)) {
      this.#refused = [...this.#refused.slice(1 - refusedMax), rival.nonce];
      this.#left = claimsAfterRival;
    }
    this.#options.answer(encodeClaim({ ...rival, kind: "owned" }));
  }

  #ask(left: number): void {
    this.#left = left;
    if (left === 0) {
      this.#end("silent");
      return;
    }
    const isSenior = this.#phase === "reclaiming";
    this.#options.ask(encodeClaim({ kind: "claim", isSenior, nonce: this.#nonce }));
    // While a node starts somebody waits for it; later checks keep nobody alive.
    this.#timer = this.#options.runtime.setTimer(repeatMs, () => this.#ask(this.#left - 1), isSenior);
  }

  #end(outcome: ClaimOutcome): void {
    this.#timer?.cancel();
    if (this.#phase === "claiming") {
      this.#settle?.(outcome);
      this.#settle = undefined;
    } else {
      // Silence after a break is no proof that the name has gone to somebody else.
      this.#phase = "owner";
      if (outcome === "taken") this.#options.contested();
    }
  }
}
