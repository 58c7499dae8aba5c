/** Looking at a process from outside (MON-17, PROC-4, PROC-5). */
import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import type { RemoteName } from "../term/address.ts";
import type { Pid } from "../term/pid.ts";
import type { ProcessControl } from "./control.ts";
import type { Kernel } from "./kernel.ts";
import { checkPid } from "./links.ts";
import { watchersOf } from "./parts.ts";

/** What can be known about a living process. */
export interface ProcessInfo {
  readonly status: "waiting" | "runnable";
  readonly links: readonly Pid[];
  /** What it watches: a pid, or `{ name, node }` where a name was given. */
  readonly monitors: readonly (Pid | RemoteName)[];
  /** Who watches it, once per monitor. */
  readonly monitoredBy: readonly Pid[];
  /** Its local name, or `[]` as in Erlang (PROC-5). */
  readonly registeredName: string | readonly [];
  readonly messageQueueLen: number;
  readonly messages: readonly unknown[];
  readonly trapExit: boolean;
  readonly groupLeader: Pid;
  readonly dictionary: readonly (readonly [unknown, unknown])[];
  readonly initialCall: string | undefined;
  readonly label: unknown;
}

/** The names of what can be asked for. */
export type InfoItem = keyof ProcessInfo;

const read: { readonly [Item in InfoItem]: (process: ProcessControl) => ProcessInfo[Item] } = {
  status: (process) => (process.resolve !== null || process.code !== null ? "waiting" : "runnable"),
  links: (process) => [...(process.links ?? [])].filter(([, state]) => state === 0).map(([pid]) => pid),
  monitors: (process) => [...(process.parts?.monitors?.values() ?? [])].map(({ object }) => object),
  monitoredBy: (process) => watchersOf(process).map(({ pid }) => pid),
  registeredName: (process) => process.parts?.name ?? [],
  messageQueueLen: (process) => process.mailbox?.size ?? 0,
  messages: (process) => process.mailbox?.messages() ?? [],
  trapExit: (process) => process.isTrapping,
  groupLeader: (process) => process.groupLeader,
  dictionary: (process) => process.parts?.dictionary?.entries() ?? process.body?.seed?.() ?? [],
  initialCall: (process) => process.parts?.initialCall ?? process.body?.initialCall,
  label: (process) => process.parts?.label,
};

/** The process of a pid of this node. @throws ArgumentError for a pid of another node (PROC-7). */
export function findLocal(kernel: Kernel, pid: Pid<never>): ProcessControl | null {
  const local = kernel.localize(checkPid(pid, "look at"));
  if (!kernel.isOwnPid(local)) throw new ArgumentError(`not a local pid: ${local}; ask its own node`);
  return kernel.find(local);
}

/** All that is known about a process, `undefined` when it has ended. */
export function processInfo(kernel: Kernel, pid: Pid<never>): ProcessInfo | undefined {
  const process = findLocal(kernel, pid);
  if (process === null) return undefined;
  return {
    status: read.status(process),
    links: read.links(process),
    monitors: read.monitors(process),
    monitoredBy: read.monitoredBy(process),
    registeredName: read.registeredName(process),
    messageQueueLen: read.messageQueueLen(process),
    messages: read.messages(process),
    trapExit: read.trapExit(process),
    groupLeader: read.groupLeader(process),
    dictionary: read.dictionary(process),
    initialCall: read.initialCall(process),
    label: read.label(process),
  };
}

/** One item of what is known about a process, or several as a record. */
export function processItem(kernel: Kernel, pid: Pid<never>, item: InfoItem | readonly InfoItem[]): unknown {
  const readers = (typeof item === "string" ? [item] : item).map((one) => [one, readerOf(one)] as const);
  const process = findLocal(kernel, pid);
  if (process === null) return undefined;
  if (typeof item === "string") return readers[0]?.[1](process);
  return Object.fromEntries(readers.map(([one, reader]) => [one, reader(process)]));
}

function readerOf(item: InfoItem): (process: ProcessControl) => unknown {
  if (Object.hasOwn(read, item)) return read[item];
  throw new ArgumentError(`expected one of ${Object.keys(read).join(", ")} to ask for. Got: ${show(item)}`);
}
