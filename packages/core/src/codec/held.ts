/**
 * Large binaries that stay where they are while what is around them is written or read.
 *
 * To copy 100 MB takes far longer than anything else may wait: nearly all of that time the system spends on giving out fresh
 * memory. So the bytes of a large binary are not copied into the buffer of its signal; they are cut from where they are,
 * piece by piece, and put together where they will be.
 */

/** A binary whose header is in a buffer and whose bytes are not: they belong at offset `at`. */
export interface Held {
  readonly at: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many there were; fewer are left when somebody has transferred them away. */
  readonly length: number;
}

/** An encoded signal. */
export interface Whole {
  readonly bytes: Uint8Array;
  /** In the order of their places. */
  readonly held: readonly Held[];
  /** Bytes in all. */
  readonly length: number;
}

/** No held binaries. */
export const noneHeld: readonly Held[] = [];

/** The signal that is all in `bytes`, but for `held`. */
export function wholeOf(bytes: Uint8Array, held: readonly Held[] = noneHeld): Whole {
  return { bytes, held, length: held.reduce((sum, { length }) => sum + length, bytes.length) };
}
