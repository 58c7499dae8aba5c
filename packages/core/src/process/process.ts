/** The process as its own code sees it: the explicit context that is passed, never guessed. */
import type { Logger } from "pino";

import type { Matched, Pattern } from "../mailbox/match.ts";
import type { Address, RemoteName } from "../term/address.ts";
import type { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import type { Dictionary } from "./dictionary.ts";
import type { Host } from "./host.ts";
import type { SendOptions, SendOutcome } from "./send.ts";

/** What `receive` gives when no message came in time. */
export const TIMEOUT: unique symbol = Symbol("timeout");

/** The type of `TIMEOUT`. */
export type Timeout = typeof TIMEOUT;

/** Milliseconds, or no limit at all. */
export type Duration = number | "infinity";

/** How long a receive waits. */
export interface ReceiveOptions {
  /** Milliseconds, a whole number below 2^32; 0 only looks at what is there (RECV-3, RECV-4). */
  readonly after: Duration;
}

/** Where and how to spawn. */
export interface SpawnOptions {
  /** The node to spawn on; needs a function made by `remote` when it is another one. */
  readonly node?: string;
  /** Accepted for familiarity and without effect (JS-14). */
  readonly priority?: "low" | "normal" | "high" | "max";
  readonly minHeapSize?: number;
  readonly minBinVheapSize?: number;
  readonly fullsweepAfter?: number;
  readonly maxHeapSize?: number;
  readonly messageQueueData?: "on_heap" | "off_heap";
}

/** What to ask for besides the process, and what to be told (NODE-15). */
export interface SpawnRequestOptions {
  /** The node to spawn on; needs a function made by `remote` when it is another one. */
  readonly node?: string;
  /** Links the new process; from the reply on. */
  readonly link?: boolean;
  /** Monitors it by the ref of the request; from the reply on. */
  readonly monitor?: boolean;
  /** Which outcomes are told. Default `"yes"`: all. */
  readonly reply?: "yes" | "no" | "errorOnly" | "successOnly";
  /** Stands as `type` in the reply instead of `"spawn_reply"`. */
  readonly replyTag?: unknown;
}

/** What came of a spawn request: `reason` is such as `"noconnection"`, `"notsup"` or `"badopt"`. */
export type SpawnReplyMessage =
  | { readonly type: "spawn_reply"; readonly ref: Ref; readonly result: "ok"; readonly pid: Pid }
  | { readonly type: "spawn_reply"; readonly ref: Ref; readonly result: "error"; readonly reason: string };

/** A new process and the monitor on it. */
export interface SpawnedMonitor<Message = unknown> {
  readonly pid: Pid<Message>;
  readonly ref: Ref;
}

/** How `monitor` may be varied. */
export interface MonitorOptions {
  /** Stands as `type` in the message instead of `"DOWN"` (MON-14). */
  readonly tag?: unknown;
  /** Makes the ref an alias as well, and says what ends it (ALIAS-5 … ALIAS-7). */
  readonly alias?: "explicitUnalias" | "demonitor" | "replyDemonitor";
}

/** How `demonitor` may be varied. */
export interface DemonitorOptions {
  /** Also removes a DOWN of this ref that is already queued (MON-7). */
  readonly flush?: boolean;
  /** Makes the result tell whether the monitor was still active (MON-8). */
  readonly info?: boolean;
}

/** How timers may be varied. */
export interface TimerOptions {
  /** The time is a point on `node.monotonicTime()` instead of a delay (TIMER-10). */
  readonly abs?: boolean;
}

/** How `cancelTimer` and `readTimer` may be varied (TIMER-7). */
export interface TimerQueryOptions {
  /** Answer by a message `{ type: "cancelTimer" | "readTimer", ref, result }` and return `"ok"`. */
  readonly async?: boolean;
  /** False: no result is given, neither returned nor sent. */
  readonly info?: boolean;
}

/** How `monitorNodes` may be varied (NODE-10). */
export interface MonitorNodesOptions {
  readonly nodeType?: "visible" | "hidden" | "all";
  /** Accepted for familiarity: `nodedown` messages always have the cause. Tells subscriptions apart. */
  readonly nodedownReason?: boolean;
}

/** The message of a monitor that fired (MON-2). */
export interface DownMessage {
  readonly type: "DOWN";
  readonly ref: Ref;
  /** The pid, or `{ name, node }` when a name was monitored (MON-3). */
  readonly object: Pid | RemoteName;
  readonly reason: unknown;
}

/** The message that a trapping process gets instead of an exit signal (EXIT-8). */
export interface ExitMessage {
  readonly type: "EXIT";
  readonly from: Pid;
  readonly reason: unknown;
}

/** The message of `startTimer` (TIMER-1). */
export interface TimeoutMessage {
  readonly type: "timeout";
  readonly ref: Ref;
  readonly message: unknown;
}

/** A function that a process runs. */
export type ProcessFunction<Message, Args extends readonly unknown[]> = (
  self: Process<Message>,
  ...args: Args
) => unknown;

/** What reading gives at the end of the input. */
export const EOF: unique symbol = Symbol("eof");

/** The type of `EOF`. */
export type Eof = typeof EOF;

/** Output and input of a process, through its group leader (IO-3). */
export interface ProcessIo {
  /** Writes `text` and a newline to the group leader and waits until it has taken them. */
  puts(text: string): Promise<void>;
  /** Writes `text` as it is. */
  write(text: string): Promise<void>;
  /** Reads one line with its newline, or `EOF`. */
  gets(prompt?: string): Promise<string | Eof>;
}

/**
 * The context of a process, passed to its function; every call is made in its name. Once the process has ended, every call
 * throws a `DeadProcessError` and does nothing (JS-4).
 */
export interface Process<Message = unknown> {
  readonly pid: Pid<Message>;
  /** The node this process lives on. */
  readonly node: Host;
  /**
   * Aborted when the process ends, with its exit reason as `signal.reason`. Listeners run after the end and outside the
   * process, like any callback of the host: they may not use `self` any more (JS-4), and what they throw is the program's.
   */
  readonly signal: AbortSignal;
  /** A logger that adds the pid. */
  readonly log: Logger;
  readonly io: ProcessIo;
  /** Where the output of this process and its later children goes (IO-1); set it to redirect them. */
  groupLeader: Pid;
  /** Whether exit signals become messages (EXIT-8); false at first. */
  trapExit: boolean;
  /** Values private to this process (PROC-3). */
  readonly dictionary: Dictionary;
  /** A free-form description, shown in crash reports (PROC-9). */
  label: unknown;

  /**
   * Sends `message` and returns it. Never waits, and never fails because the receiver is gone (SIG-4).
   *
   * @throws ArgumentError for a local or global name that nobody has (SIG-5), CodecError for a message that cannot cross.
   */
  send<Sent>(to: Address<Sent>, message: Sent): Sent;
  /** Sends `message` unless the options are against it, and tells (NODE-18). */
  send<Sent>(to: Address<Sent>, message: Sent, options: SendOptions): SendOutcome;
  /**
   * Sends `message`, and resolves with it once the receiver's node has taken so much of what waits for it that there is room
   * for more (TR-8); at once for a receiver on this node, and also when the connection is lost meanwhile. Whoever sends a lot
   * and waits each time never fills the buffer whose overflow would cost the connection.
   */
  sendAwait<Sent>(to: Address<Sent>, message: Sent): Promise<Sent>;
  /** Takes the next message. */
  receive(): Promise<Message>;
  /** Takes the next message, or `TIMEOUT` when none came in time. */
  receive(options: ReceiveOptions): Promise<Message | Timeout>;
  /** Takes the oldest message that the guard accepts; others stay queued in order (RECV-1, RECV-2). */
  receive<Wanted extends Message>(guard: (message: Message) => message is Wanted): Promise<Wanted>;
  receive<Wanted extends Message>(
    guard: (message: Message) => message is Wanted,
    options: ReceiveOptions,
  ): Promise<Wanted | Timeout>;
  /** Also for what everybody may get, as `EXIT` and `DOWN` messages. */
  receive<Wanted>(guard: (message: unknown) => message is Wanted): Promise<Wanted>;
  receive<Wanted>(guard: (message: unknown) => message is Wanted, options: ReceiveOptions): Promise<Wanted | Timeout>;
  /** Takes the oldest message that the predicate accepts. */
  receive(predicate: (message: Message) => boolean): Promise<Message>;
  receive(predicate: (message: Message) => boolean, options: ReceiveOptions): Promise<Message | Timeout>;
  /** Takes the oldest message that has the pattern's fields; a pattern with a fresh ref skips what is older (RECV-7). */
  receive<const Wanted extends Pattern>(pattern: Wanted): Promise<Matched<Wanted>>;
  receive<const Wanted extends Pattern>(pattern: Wanted, options: ReceiveOptions): Promise<Matched<Wanted> | Timeout>;
  /** Waits without touching the mailbox (RECV-8, TIMER-14). */
  sleep(ms: Duration): Promise<void>;
  /** Takes and returns all messages that are queued now. */
  flush(): Message[];

  /** Starts a process and returns its pid at once; none of its code runs before this turn ends (JS-2). */
  spawn<Accepted, Args extends readonly unknown[]>(fn: ProcessFunction<Accepted, Args>, ...args: Args): Pid<Accepted>;
  spawn<Accepted, Args extends readonly unknown[]>(
    options: SpawnOptions,
    fn: ProcessFunction<Accepted, Args>,
    ...args: Args
  ): Pid<Accepted>;
  /** Like `spawn`, atomically linked (LINK-2). */
  spawnLink<Accepted, Args extends readonly unknown[]>(
    fn: ProcessFunction<Accepted, Args>,
    ...args: Args
  ): Pid<Accepted>;
  spawnLink<Accepted, Args extends readonly unknown[]>(
    options: SpawnOptions,
    fn: ProcessFunction<Accepted, Args>,
    ...args: Args
  ): Pid<Accepted>;
  /** Like `spawn`, atomically monitored (MON-13). */
  spawnMonitor<Accepted, Args extends readonly unknown[]>(
    fn: ProcessFunction<Accepted, Args>,
    ...args: Args
  ): SpawnedMonitor<Accepted>;
  spawnMonitor<Accepted, Args extends readonly unknown[]>(
    options: SpawnOptions,
    fn: ProcessFunction<Accepted, Args>,
    ...args: Args
  ): SpawnedMonitor<Accepted>;

  /** Asks for a process; what comes of it is told by a `SpawnReplyMessage` with the ref that is returned (NODE-15). */
  spawnRequest<Accepted, Args extends readonly unknown[]>(
    options: SpawnRequestOptions,
    fn: ProcessFunction<Accepted, Args>,
    ...args: Args
  ): Ref;
  /** Gives a request up before its reply: true, and none will come; false afterwards (NODE-16). */
  spawnRequestAbandon(ref: Ref): boolean;

  /** Links to `pid`, both ways (LINK-1); true. A dead local target raises `noproc` unless this process traps (LINK-5). */
  link(pid: Pid<never>): true;
  /** Removes the link; no EXIT of it is queued from now on (LINK-3). */
  unlink(pid: Pid<never>): true;
  /** Watches `target`; exactly one DOWN follows its end (MON-2). */
  monitor(target: Pid<never> | string | RemoteName, options?: MonitorOptions): Ref;
  /** Ends a monitor; with `info` false tells that it had fired (MON-6 … MON-8). */
  demonitor(ref: Ref, options?: DemonitorOptions): boolean;
  /** Makes a ref that messages can be sent to; with `reply` it closes after the first (ALIAS-4). */
  alias(options?: { readonly reply?: boolean }): Ref;
  /** Closes an alias of this process; false when it is not one or already closed (ALIAS-2). */
  unalias(ref: Ref): boolean;
  /** A new ref, equal to nothing else. */
  makeRef(): Ref;

  /** Ends this process with `reason`, unless caught (EXIT-2). */
  exit(reason: unknown): never;
  /** Sends an exit signal; true at once, also for the dead (EXIT-4). */
  sendExit(pid: Pid<never>, reason: unknown): true;
  /** Sets a process flag and returns its old value (PROC-6). */
  flag(name: "trapExit", value: boolean): boolean;

  /**
   * Makes `leader`, which may be anywhere and even dead, the group leader of `pid`; true. A signal: what this process sends
   * to `pid` afterwards finds the new leader (SIG-14).
   *
   * @throws ArgumentError for a dead process of this node (IO-2).
   */
  setGroupLeader(pid: Pid<never>, leader: Pid): true;

  /** Gives `pid` (by default this process) a name on this node; true (NAME-1, NAME-2). */
  register(name: string, pid?: Pid<never>): true;
  unregister(name: string): true;
  whereis(name: string): Pid | undefined;

  /** Sends `message` to `to` in `ms` milliseconds; the ref cancels it (TIMER-1). */
  sendAfter(to: Pid<never> | Ref | string, message: unknown, ms: number, options?: TimerOptions): Ref;
  /** Like `sendAfter`, as `{ type: "timeout", ref, message }`. */
  startTimer(to: Pid<never> | Ref | string, message: unknown, ms: number, options?: TimerOptions): Ref;
  /** Stops a timer: the milliseconds left, or false when it has fired or is unknown (TIMER-5). */
  cancelTimer(ref: Ref, options?: TimerQueryOptions): number | false | "ok";
  readTimer(ref: Ref, options?: TimerQueryOptions): number | false | "ok";

  /** Asks for, or takes back, one `{ type: "nodedown", node }` (NODE-9). */
  monitorNode(node: string, on: boolean): true;
  /** Subscribes to `nodeup` and `nodedown` of every node (NODE-10). */
  monitorNodes(on: boolean, options?: MonitorNodesOptions): "ok";

  /** Waits in hibernation for the next message, which stays in the mailbox (PROC-10). */
  hibernate(): Promise<void>;
}
