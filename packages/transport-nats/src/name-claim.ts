/**
 * Who owns a node name (NODE-19): what nodes of one name say to each other, and what each makes of it. Pure.
 *
 * A node listens first and claims then, so that of two that start at once at least one hears the other. A claim that
 * reaches nobody is granted; an owner answers it. Of two claims that meet, the senior one wins (a node that was cut off
 * against one that starts), then the lower nonce: both sides come to the same verdict.
 */

/** Length of the nonce that tells claims apart. */
export const nonceBytes = 16;

/** What is said about a name, among nodes that have or want it. */
export interface ClaimMessage {
  /** "claim": I want it, or have it again. "owned": it is mine, and the claim with this nonce is refused. */
  readonly kind: "claim" | "owned";
  /** The claimant had the name before its connection broke. */
  readonly isSenior: boolean;
  /** The nonce of the claim. */
  readonly nonce: Uint8Array;
}

/** Where a node stands with its name. */
export interface Standing {
  readonly phase: "claiming" | "reclaiming" | "owner";
  readonly nonce: Uint8Array;
  /** The nonces it has refused before; their claimants have given up, or will. */
  readonly refused: readonly Uint8Array[];
}

/** What to do: answer that the name is ours, give it up, or nothing. */
export type Verdict = "answer" | "give_up" | "ignore";

const kinds = ["claim", "owned"] as const;

/** Writes a message as bytes. */
export function encodeClaim(message: ClaimMessage): Uint8Array {
  return Uint8Array.of(kinds.indexOf(message.kind), message.isSenior ? 1 : 0, ...message.nonce);
}

/** Reads what `encodeClaim` wrote; undefined for anything else. */
export function decodeClaim(bytes: Uint8Array): ClaimMessage | undefined {
  const [tag = -1, senior = -1] = bytes;
  const kind = kinds[tag];
  if (kind === undefined || (senior !== 0 && senior !== 1) || bytes.length !== 2 + nonceBytes) return undefined;
  return { kind, isSenior: senior === 1, nonce: bytes.slice(2) };
}

/** Decides what `heard` means for a node that stands as `own` (NODE-19). */
export function judge(own: Standing, heard: ClaimMessage): Verdict {
  const order = compare(own.nonce, heard.nonce);
  if (heard.kind === "owned") return order === 0 && own.phase !== "owner" ? "give_up" : "ignore";
  if (order === 0) return "ignore";
  // A repeated claim must not be granted after all: then nobody would be left.
  if (own.phase === "owner" || own.refused.some((nonce) => compare(nonce, heard.nonce) === 0)) return "answer";
  const isSenior = own.phase === "reclaiming";
  const wins = isSenior === heard.isSenior ? order < 0 : isSenior;
  return wins ? "answer" : "give_up";
}

function compare(left: Uint8Array, right: Uint8Array): number {
  return Buffer.compare(left, right);
}
