/** How terms become bytes and come back; `ErlangCodec` is the one in use. */

/** Encodes and decodes terms for one node. Implementations are checked by `codecContract` of `@otp/testing`. */
export interface Codec {
  /** The bytes of `term`. Throws a `CodecError` naming the path to what cannot be carried (JS-13, TR-7). */
  encode(term: unknown): Uint8Array;
  /**
   * The term in `bytes`, all of which must be used up. Throws a `CodecError` and nothing else, whatever the bytes; depth,
   * size and counts are bounded, and nothing is allocated on a length that has not been seen.
   */
  decode(bytes: Uint8Array): unknown;
}
