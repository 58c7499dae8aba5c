/**
 * The numbers and atoms of the External Term Format, and the limits that hold on both sides.
 *
 * `docs/wire-format.md` tells what each of our own tagged tuples looks like.
 */

/** Within a batch: what follows is given the next number. */
export const DEFINE = 1;
/** Within a batch: the number of what stood there before. */
export const SHARED = 2;

/** What a term that stands alone begins with. */
export const VERSION = 131;

export const NEW_FLOAT = 70;
export const COMPRESSED = 80;
export const NEW_PID = 88;
export const NEWER_REFERENCE = 90;
export const SMALL_INTEGER = 97;
export const INTEGER = 98;
export const LATIN1_ATOM = 100;
export const SMALL_TUPLE = 104;
export const LARGE_TUPLE = 105;
export const NIL = 106;
export const STRING = 107;
export const LIST = 108;
export const BINARY = 109;
export const SMALL_BIG = 110;
export const LARGE_BIG = 111;
export const SMALL_LATIN1_ATOM = 115;
export const MAP = 116;
export const ATOM = 118;
export const SMALL_ATOM = 119;

/**
 * First element of every tuple that stands for a JavaScript type. User data never becomes a tuple or an atom, so nothing
 * that a user sends can look like one.
 */
export const JS = "$js";

/** The second element of such a tuple: which type it is. Typed arrays go under their own names. */
export const Kind = {
  nan: "NaN",
  infinity: "Infinity",
  minusInfinity: "-Infinity",
  bigint: "BigInt",
  string: "String",
  map: "Map",
  set: "Set",
  date: "Date",
  error: "Error",
  function: "Function",
  arrayBuffer: "ArrayBuffer",
  dataView: "DataView",
} as const;

/** Containers within containers, on either side; deeper terms are refused. */
export const DEPTH_MAX = 256;
/** Digits, as bytes, of the largest integer. */
export const BIGINT_BYTES_MAX = 65_536;
/** Bytes of the largest term, unless the codec was told otherwise. */
export const TERM_BYTES_MAX: number = 64 * 1024 * 1024;

/** How the number of a pid of ours is spread over the 32-bit words of the format. */
export const PID_ID_SPAN: number = 2 ** 28;
/** How the number of a ref of ours is spread over three words: 18, 32 and 3 bits. */
export const REF_FIRST_SPAN: number = 2 ** 18;
export const REF_THIRD_UNIT: number = 2 ** 50;
export const WORD: number = 2 ** 32;
