/**
 * Streams of messages that their senders number: within an epoch, from the `nodeup` to the `nodedown` of the receiver, they
 * come in order and without a gap, whatever is done to the connection. For workloads that write down runs of messages instead
 * of each.
 */
import { type Law, type Of, only, Table } from "./reading.ts";

interface Stream {
  run: number;
  epoch: number;
  next: number;
  readonly over: Set<number>;
}

/** SIG-1 SIG-13 TR-2 NODE-17: numbered messages have no gap, come once, and none of an epoch or life after one of a later. */
export const numberedInOrder: Law = (events) => {
  const streams = new Map<string, Stream>();
  return only(events, "numbered").flatMap((event) => {
    const key = `${event.node} ${event.pid} < ${event.from}`;
    const stream = streams.get(key) ?? { run: event.run, epoch: event.epoch, next: 0, over: new Set<number>() };
    streams.set(key, stream);
    return follow(stream, event);
  });
};

function follow(stream: Stream, { pid, from, run, epoch, first, last }: Of<"numbered">): string[] {
  const found: string[] = [];
  if (run !== stream.run) {
    stream.over.add(stream.run);
    if (stream.over.has(run))
      found.push(`NODE-17: ${pid} heard of an earlier incarnation of ${from} after a later one`);
    Object.assign(stream, { run, epoch, next: 0 });
  } else if (epoch > stream.epoch) {
    Object.assign(stream, { epoch, next: 0 });
  } else if (epoch < stream.epoch) {
    found.push(`D2: ${pid} got message ${String(first)} of epoch ${String(epoch)} of ${from} after a later epoch`);
  }
  if (first !== stream.next) {
    const what = first < stream.next ? "again or late" : "with a gap before it";
    found.push(`SIG-13: ${pid} got message ${String(first)} of ${from} ${what}, expected ${String(stream.next)}`);
  }
  stream.next = last + 1;
  return found;
}

/** NODE-10 NODE-12: numbered messages of a node come between its `nodeup` and its `nodedown`. */
export const numberedInside: Law = (events) => {
  const up = new Table<Set<string>>(() => new Set());
  return only(events, "deliver", "numbered").flatMap((event) => {
    if (event.kind === "numbered") {
      if (up.need(`${event.node} ${event.pid}`).has(event.from)) return [];
      return [
        `NODE-12: ${event.pid} got message ${String(event.first)} of ${event.from} outside of nodeup and nodedown`,
      ];
    }
    const [type = "", peer = ""] = event.about?.split(" ") ?? [];
    const nodes = up.need(`${event.node} ${event.to}`);
    if (type === "nodeup") nodes.add(peer);
    if (type === "nodedown") nodes.delete(peer);
    return [];
  });
};
