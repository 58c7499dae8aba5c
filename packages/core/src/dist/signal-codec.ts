/**
 * How the distribution turns signals into bytes and back, seen from the session: it knows batches of bytes, not tags.
 *
 * `frame.ts` has the implementation in the External Term Format. An encoder is a growing buffer, so that the signals of
 * one turn are written one behind the other and leave as one batch without an allocation for each.
 */
import type { Held } from "../codec/held.ts";
import type { Signal } from "../signal/signal.ts";

/** Whether a signal may refer to what stands before it in the buffer, or will have to stand in another one. */
export type SignalForm = "shared" | "alone";

/** The buffer in which one channel gathers the bytes of its signals. */
export interface SignalEncoder {
  /** How many bytes are in the buffer, without those that are held. */
  readonly size: number;
  /**
   * Writes `signal` at the end. Throws a `CodecError` naming the path to a term that cannot cross; the buffer is then as it
   * was (TR-7).
   */
  append(signal: Signal, form?: SignalForm): void;
  /**
   * The large binaries of the signal appended last, which are not in the buffer; their places are counted from offset
   * `from`. To be asked after each signal.
   */
  takeHeld(from: number): readonly Held[];
  /** Puts bytes back that `take` gave out, of a signal that was appended `alone`. */
  put(bytes: Uint8Array): void;
  /**
   * Removes everything from offset `from` on, which is 0 or where the last signal begins, and returns it, fit to be decoded
   * by itself; the bytes are the caller's, to be read only.
   */
  take(from: number): Uint8Array;
}

/** Encodes and decodes signals for one node. */
export interface SignalCodec {
  /** A buffer for a channel. */
  createEncoder(): SignalEncoder;
  /**
   * Reads the signals that stand in `bytes` one behind the other and hands each to `each`, until that returns false.
   * Throws a `CodecError` and nothing of its own besides, whatever the bytes; the signals before the fault were handed on.
   * With `held` there is one signal, and these binaries belong in it.
   */
  decode(bytes: Uint8Array, each: (signal: Signal) => boolean, held?: readonly Held[]): void;
}
