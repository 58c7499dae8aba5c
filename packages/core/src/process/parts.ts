/** The parts of a process that most processes never need, made on first use so that an idle one stays small. */
import type { SmallMap } from "../base/small-map.ts";
import type { Predicate } from "../mailbox/mailbox.ts";
import type { TimerEntry } from "../runtime/timers.ts";
import type { RemoteName } from "../term/address.ts";
import type { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import type { ControlBlock } from "./control-block.ts";
import type { Dictionary } from "./dictionary.ts";
import type { ReplyTaker } from "./replies.ts";
import type { UserTimer } from "./user-timers.ts";

/** What ends an alias. */
export type AliasMode = "explicit" | "reply" | "demonitor" | "replyDemonitor";

/** A monitor that a process has set. */
export interface Monitor {
  readonly ref: Ref;
  /** The process found; null when the target is on another node under a name. */
  readonly pid: Pid | null;
  /** What DOWN shows (MON-3). */
  readonly object: Pid | RemoteName;
  readonly tag: unknown;
  readonly alias: AliasMode | null;
  /** The other end, at a process of this node. */
  readonly watcher: Watcher | null;
}

/** A monitor that a process has set on another, as that one sees it; they stand in a list of their own. */
export class Watcher {
  readonly ref: Ref;
  /** Who waits. */
  readonly pid: Pid;
  /** The name by which it was set, if by one. */
  readonly name: string | null;
  readonly watched: ControlBlock;
  /** Of the first, the last. */
  before: Watcher = this;
  after: Watcher | null = null;

  constructor(ref: Ref, { pid, name }: { readonly pid: Pid; readonly name: string | null }, watched: ControlBlock) {
    this.ref = ref;
    this.pid = pid;
    this.name = name;
    this.watched = watched;
  }
}

/** Those who wait for the end of `process`, in the order in which they began to. */
export function watchersOf(process: ControlBlock): Watcher[] {
  const all: Watcher[] = [];
  for (let watcher = process.watchers; watcher !== null; watcher = watcher.after) all.push(watcher);
  return all;
}

/** The lazily made parts of one process. */
export class Parts {
  /** By the number of the ref. */
  monitors: SmallMap<number, Monitor> | null = null;
  /** Numbers of the active alias refs. */
  aliases: Set<number> | null = null;
  name: string | null = null;
  dictionary: Dictionary | null = null;
  abort: AbortController | null = null;
  /** Timers that will send to this process, as a linked list (TIMER-9). */
  timers: UserTimer | null = null;
  /** The time limit of the receive that is in progress. */
  alarm: TimerEntry | null = null;
  /** Sleeps and other waits that end with the process. */
  sleepers: Set<TimerEntry> | null = null;
  /** The number of the ref made last, whose position the mailbox remembers (RECV-7). */
  latestRef = 0;
  /** Run when the process ends, before anyone is told: what it owns elsewhere is free by then (SIG-10). */
  cleanups: Set<() => void> | null = null;
  /** Replies that are taken out before the mailbox, by the number of their ref. */
  replies: Map<number, ReplyTaker> | null = null;
  /** What a behaviour took messages by last; what it has refused is not looked at again. */
  accepts: Predicate | null = null;
  /** What the children that it started last know as their ancestors, shared among them; the first is this process (PLIB-4). */
  lineage: readonly (Pid | string)[] | null = null;
  label: unknown = undefined;
  /** The first function, for info and reports. */
  initialCall: string | null = null;
}
