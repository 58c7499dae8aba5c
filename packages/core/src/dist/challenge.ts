/** Asks a peer whether it is still there, when somebody else has come with its name. */
import { verdict } from "./handshake.ts";
import type { Session } from "./session.ts";

const signOfLifeMs = 600;

interface Asked {
  readonly creation: number;
  readonly sequence: number;
  readonly at: number;
}

/** One question at a time, for one newcomer. */
export class Challenge {
  #asked: Asked | undefined;

  /** What to say to the newcomer, by whether the session's peer lives; undefined as long as that is not known. */
  judge(session: Session, newcomer: number, now: number): number | undefined {
    if (this.#asked?.creation !== newcomer || now - this.#asked.at > 10 * signOfLifeMs) {
      this.#asked = { creation: newcomer, sequence: session.ask(now), at: now };
    }
    const { sequence, at } = this.#asked;
    if (session.hasArrived(sequence)) return verdict.nameClash;
    return now - at < signOfLifeMs ? undefined : verdict.welcome;
  }

  /** The connection is over, and the question with it. */
  end(): void {
    this.#asked = undefined;
  }
}
