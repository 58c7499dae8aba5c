/**
 * One record of what happened on the nodes of a cluster, and what must be true of it whatever was done to the cluster.
 *
 * Each node writes down what its talker did and was told, in order. The messages of one sender to one receiver are numbered
 * within the sender's *epoch*: from its `nodeup` to its `nodedown` of the receiver. The checks are pure.
 */

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

/** Everything that is wrong with one record: order, exactly once, losses as suffixes, ties that end once and in time. */
export function faultsOf(record: Record): string[] {
  return [...orderFaults(record), ...tieFaults(record), ...borderFaults(record)];
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

function orderFaults({ node, entries }: Record): string[] {
  const faults: string[] = [];
  const streams = new Map<string, { run: number; epoch: number; next: number; readonly over: Set<number> }>();
  for (const entry of entries) {
    if (entry.type !== "got") continue;
    const { from, run, epoch, first, last } = entry;
    const stream = streams.get(from) ?? { run, epoch, next: 0, over: new Set<number>() };
    streams.set(from, stream);
    if (run !== stream.run) {
      stream.over.add(stream.run);
      if (stream.over.has(run)) faults.push(`${node} heard of an earlier incarnation of ${from} after a later one`);
      Object.assign(stream, { run, epoch, next: 0 });
    } else if (epoch > stream.epoch) {
      Object.assign(stream, { epoch, next: 0 });
    } else if (epoch < stream.epoch) {
      faults.push(`${node} got message ${String(first)} of epoch ${String(epoch)} of ${from} after a later epoch`);
    }
    if (first !== stream.next) {
      const what = first < stream.next ? "again or late" : "with a gap before it";
      faults.push(`${node} got message ${String(first)} of ${from} ${what}, expected ${String(stream.next)}`);
    }
    stream.next = last + 1;
  }
  return faults;
}

function tieFaults({ node, entries }: Record): string[] {
  const faults: string[] = [];
  const open = new Map<string, string>();
  for (const entry of entries) {
    if (entry.type === "monitored" || entry.type === "linked") open.set(entry.id, entry.node);
    if (entry.type === "DOWN" || entry.type === "EXIT") {
      if (!open.delete(entry.id)) faults.push(`${node} got ${entry.type} of ${entry.id} twice or unasked`);
    }
    if (entry.type === "down") {
      for (const [id, of] of open) {
        if (of !== entry.node) continue;
        open.delete(id);
        faults.push(`${node} got nodedown of ${of} before the end of ${id}`);
      }
    }
  }
  return faults;
}

function borderFaults({ node, entries }: Record): string[] {
  const faults: string[] = [];
  const up = new Set<string>();
  for (const entry of entries) {
    if (entry.type === "up") {
      if (up.has(entry.node)) faults.push(`${node} got nodeup of ${entry.node} twice`);
      up.add(entry.node);
    } else if (entry.type === "down") {
      if (!up.delete(entry.node)) faults.push(`${node} got nodedown of ${entry.node} twice or before its nodeup`);
    } else if (entry.type === "got" && !up.has(entry.from)) {
      faults.push(`${node} got message ${String(entry.first)} of ${entry.from} outside of nodeup and nodedown`);
    }
  }
  return faults;
}
