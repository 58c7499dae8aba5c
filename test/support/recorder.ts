/**
 * One record of what happened on the nodes of a cluster, and what must be true of it whatever was done to the cluster.
 *
 * Each node writes down what its talker did and was told, in order. The messages of one sender to one receiver are numbered
 * within the sender's *epoch*: from its `nodeup` to its `nodedown` of the receiver. It is checked by the laws that simulated runs
 * and recordings are checked by.
 */
import { checkLaws, type Happening, type TraceEvent } from "@otp/testing";

/** Something that happened to a talker, in the order in which it found it in its mailbox. */
export type Entry =
  | { readonly type: "up"; readonly node: string }
  | { readonly type: "down"; readonly node: string; readonly reason: string }
  /** Messages `first` … `last` of one epoch of one incarnation of one sender, without anything in between. */
  | {
      readonly type: "got";
      readonly from: string;
      readonly run: number;
      readonly epoch: number;
      readonly first: number;
      last: number;
    }
  | { readonly type: "monitored" | "linked"; readonly id: string; readonly node: string }
  | { readonly type: "DOWN" | "EXIT"; readonly id: string; readonly reason: string }
  /** What its node is to a name that one node has; the others stand by for that one. */
  | { readonly type: "role"; readonly role: "owner" | "standby" | "claiming"; readonly owner: string | null };

/** What one talker has to show. */
export interface Record {
  readonly node: string;
  /** The incarnation of its node. */
  readonly run: number;
  readonly entries: readonly Entry[];
  /** How many messages it sent to each node in the epoch that is still open. */
  readonly open: readonly { readonly to: string; readonly epoch: number; readonly sent: number }[];
}

/** Everything that is wrong with one record: what the laws of `@otp/testing` say against it. */
export function faultsOf(record: Record): readonly string[] {
  return checkLaws(eventsOf(record));
}

/** What has not arrived although its epoch never ended; to be asked when nothing is under way any more. */
export function missing(records: readonly Record[]): string[] {
  const faults: string[] = [];
  for (const { node, run, open } of records) {
    for (const { to, epoch, sent } of open) {
      const receiver = records.find((other) => other.node === to);
      const last = receiver?.entries.findLast((entry) => entry.type === "got" && entry.from === node);
      const got = last?.type === "got" && last.run === run && last.epoch === epoch ? last.last + 1 : 0;
      if (got !== sent) faults.push(`${to} got ${String(got)} of ${String(sent)} messages of ${node}, connected`);
    }
  }
  return faults;
}

/** Where the nodes that see each other do not agree on who has the name; to be asked when nothing is under way any more. */
export function ownerFaults(records: readonly Record[]): string[] {
  return records.flatMap(({ node, open }) => {
    const seen = new Set([node, ...open.map(({ to }) => to)]);
    const part = records.filter((record) => seen.has(record.node));
    const owners = part.filter((record) => roleOf(record).role === "owner").map((record) => record.node);
    const astray = part.filter((record) => roleOf(record).owner !== owners[0]).map((record) => record.node);
    if (owners.length === 1 && astray.length === 0) return [];
    return [`${node} sees the owners ${owners.join(", ")}, and ${astray.join(", ")} without the first of them`];
  });
}

function roleOf({ entries }: Record): { readonly role: string; readonly owner: string | null } {
  const last = entries.findLast((entry) => entry.type === "role");
  return last?.type === "role" ? last : { role: "none", owner: null };
}

/** A record as the laws read it: the talker is the process 0 of its node, and what it is tied to the process 1 of another. */
function eventsOf({ node, entries }: Record): TraceEvent[] {
  const pid = `${node}.0`;
  const open = new Map<string, string>();
  const happenings = entries.flatMap((entry, n): readonly Happening[] => {
    switch (entry.type) {
      case "up":
      case "down":
        return [{ kind: "deliver", to: pid, message: "…", n, about: `node${entry.type} ${entry.node}` }];
      case "got": {
        const { from, run, epoch, first, last } = entry;
        return [{ kind: "numbered", pid, from, run, epoch, first, last }];
      }
      case "monitored":
        open.set(entry.id, `${entry.node}.1`);
        return [{ kind: "monitor", pid, ref: entry.id, object: `${entry.node}.1` }];
      case "linked":
        open.set(entry.id, `${entry.node}.${entry.id}`);
        return [{ kind: "link", pid, other: `${entry.node}.${entry.id}` }];
      case "DOWN":
        return [{ kind: "down", to: pid, ref: entry.id, object: open.get(entry.id) ?? "", reason: entry.reason }];
      // Who is owner is no matter of messages.
      case "role":
        return [];
      default:
        return [{ kind: "linkEnded", pid, other: open.get(entry.id) ?? "" }];
    }
  });
  return happenings.map((happening, at) => Object.assign(happening, { at, node }));
}
