/** The whole table of what an exit signal does (EXIT-5 … EXIT-11), as a pure function. */

/** What the receiver of an exit signal does. */
export type ExitVerdict =
  | { readonly action: "ignore" }
  | { readonly action: "deliver" }
  | { readonly action: "die"; readonly reason: unknown };

/** An exit signal as its receiver sees it. */
export interface ExitSignal {
  readonly reason: unknown;
  /** Sent by the death of a linked process, rather than by `exit(pid, reason)`. */
  readonly isFromLink: boolean;
  /** Sent by the receiver itself. */
  readonly isFromSelf: boolean;
}

const ignore: ExitVerdict = { action: "ignore" };
const deliver: ExitVerdict = { action: "deliver" };

/** Decides the fate of a process that receives `signal`. */
export function judgeExit(signal: ExitSignal, isTrapping: boolean): ExitVerdict {
  const { reason, isFromLink, isFromSelf } = signal;
  // Only a `kill` that was sent as such cannot be trapped; as the reason of a linked death it is a reason (EXIT-9, EXIT-10).
  if (reason === "kill" && !isFromLink) return { action: "die", reason: "killed" };
  if (isTrapping) return deliver;
  // `normal` from oneself does end a process (EXIT-6), from others it does not (EXIT-5, LINK-9).
  if (reason === "normal" && !isFromSelf) return ignore;
  return { action: "die", reason };
}
