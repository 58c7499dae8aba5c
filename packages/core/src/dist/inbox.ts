/** What arrives in order on one channel, made into signals. */
import { CodecError } from "../base/errors.ts";
import { type Whole, wholeOf } from "../codec/held.ts";
import type { Signal } from "../signal/signal.ts";
import { Reassembly } from "./fragments.ts";
import { type Content, packetKind } from "./packet.ts";
import type { SignalCodec } from "./signal-codec.ts";

/** Reads packets. */
export class Inbox {
  readonly #codec: SignalCodec;
  readonly #reassembly: Reassembly;
  readonly #each: (signal: Signal) => boolean;

  /** `each` gets the signals and returns false when it wants no more. */
  constructor(codec: SignalCodec, signalMax: number, each: (signal: Signal) => boolean) {
    this.#codec = codec;
    this.#reassembly = new Reassembly(signalMax);
    this.#each = each;
  }

  /** Takes the next packet. What is wrong with it, if something is; the signals before that have been handed on. */
  take({ kind, fragment, body }: Content): string | undefined {
    if (kind === packetKind.batch) return this.#decode(wholeOf(body));
    if (fragment === undefined) return undefined;
    const whole = this.#reassembly.add(fragment, body);
    if (whole === "bad") return "a fragment that fits nowhere";
    return whole === undefined ? undefined : this.#decode(whole);
  }

  #decode({ bytes, held }: Whole): string | undefined {
    let isTelling = false;
    try {
      const tell = (signal: Signal): boolean => {
        isTelling = true;
        const wantsMore = this.#each(signal);
        isTelling = false;
        return wantsMore;
      };
      this.#codec.decode(bytes, tell, held);
      return undefined;
    } catch (error) {
      // An error of whoever was told is not the peer's fault.
      if (isTelling || !(error instanceof CodecError)) throw error;
      return `what cannot be read: ${error.message}`;
    }
  }
}
