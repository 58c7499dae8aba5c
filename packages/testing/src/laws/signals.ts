/** Order, loss, duplication and invention of signals. */
import { homeOf, isNode, type Law, Living, type Of, only, perNode, settledPart, Table } from "./reading.ts";
import type { TraceEvent } from "../simulation/trace.ts";
import { short } from "../simulation/words.ts";

/** Messages in words that were sent once: only these can be told apart on arrival where the sender is not known. */
export function uniqueSends(events: readonly TraceEvent[]): ReadonlyMap<string, Of<"send">> {
  const seen = new Map<string, Of<"send"> | null>();
  for (const event of only(events, "send")) seen.set(event.message, seen.has(event.message) ? null : event);
  return new Map([...seen].flatMap(([message, event]) => (event === null ? [] : [[message, event] as const])));
}

/** K2 SIG-1: messages of one process to another arrive in the order in which they were sent. */
export const pairOrder: Law = (events) => {
  const sends = uniqueSends(events);
  const places = new Map([...sends.values()].map((event, place) => [event, place]));
  const latest = new Map<string, number>();
  const found: string[] = [];
  for (const { to, message } of only(events, "deliver")) {
    const send = sends.get(message);
    if (send === undefined) continue;
    const pair = `${send.from} > ${send.to} > ${to}`;
    const place = places.get(send) ?? 0;
    if (place < (latest.get(pair) ?? -1)) found.push(`K2: ${message} of ${send.from} overtook a later one at ${to}`);
    latest.set(pair, Math.max(place, latest.get(pair) ?? -1));
  }
  return found;
};

/** D1: what was sent once to one process arrives at most once. */
export const noDuplication: Law = (events) => {
  const sends = uniqueSends(events);
  const arrived = new Set<string>();
  return only(events, "deliver").flatMap(({ to, message }) => {
    const key = `${to} ${message}`;
    const isAgain = sends.get(message)?.to === to && arrived.has(key);
    arrived.add(key);
    return isAgain ? [`D1: ${message} came twice to ${to}`] : [];
  });
};

/** SIG-1 SIG-4: a message of a process of the own node was sent by it, as often as it came; nothing is made up. */
export const noInvention: Law = (events) =>
  [...perNode(events)].flatMap(([node, own]) => {
    const sent = new Table(() => 0);
    return own.flatMap((event) => {
      if (event.kind === "boot") sent.clear();
      if (event.kind === "send") {
        const key = `${event.from} ${event.message}`;
        sent.set(key, sent.need(key) + 1);
      }
      if (event.kind !== "deliver" || event.from === undefined || event.about !== undefined) return [];
      // A handle of a call becomes an address on the way.
      if (!isNode(homeOf(event.from), node) || event.message.includes("$from")) return [];
      const key = `${event.from} ${event.message}`;
      const left = sent.need(key);
      sent.set(key, Math.max(0, left - 1));
      return left > 0 ? [] : [`SIG-1: ${event.message} came to ${event.to} and ${event.from} never sent it`];
    });
  });

/** SIG-11 SIG-13: a message to a living process of the own node is in its mailbox when `send` returns. */
export const localDelivery: Law = (events) =>
  [...perNode(events)].flatMap(([node, own]) => {
    const living = new Living();
    return own.flatMap((event, at) => {
      living.see(event);
      if (event.kind !== "send" || !isNode(homeOf(event.to), node) || !living.has(event.to)) return [];
      const next = own[at + 1];
      const isThere =
        (next?.kind === "deliver" || next?.kind === "down") && next.to === event.to && own.length > at + 1;
      return isThere || next === undefined || next.kind === "refused"
        ? []
        : [`SIG-11: ${event.message} of ${event.from} did not reach ${event.to}, which lives on the same node`];
    });
  });

/** SIG-4 SIG-6: sending to a pid does not fail, whatever has become of the process; only what cannot cross is refused. */
export const sendNeverFails: Law = (events) =>
  only(events, "refused").flatMap(({ from, to, error }) =>
    error === "CodecError" ? [] : [`SIG-4: ${from} could not send to ${to}: ${error}`],
  );

/** JS-6: what is taken is what was delivered, whoever has changed the object meanwhile. */
export const unchanged: Law = (events) =>
  only(events, "take", "handle").flatMap(({ pid, n, changed }) =>
    changed === undefined ? [] : [`JS-6: message ${String(n)} of ${pid} was changed after it was sent: ${changed}`],
  );

interface Out {
  readonly words: string;
  /** Whether the connection stood when it was sent. */
  readonly wasUp: boolean;
  /** Changes whenever what is under way may be lost. */
  readonly era: number;
}

interface Ways {
  /** What was sent from one process to another, by both. */
  readonly outs: Table<Out[]>;
  /** The era of each node's connection to another, at the end. */
  readonly eras: Table<number>;
  readonly up: Set<string>;
  /** Connections that are older than the record. */
  readonly old: Set<string>;
  readonly nodes: readonly string[];
}

function waysOf(events: readonly TraceEvent[]): Ways {
  const ways: Ways = {
    outs: new Table<Out[]>(() => []),
    eras: new Table(() => 0),
    up: new Set(),
    old: new Set(),
    nodes: [...new Set(only(events, "boot").map(({ node }) => node))],
  };
  for (const event of events) noteWay(ways, event);
  return ways;
}

function noteWay({ outs, eras, up, old }: Ways, event: TraceEvent): void {
  const crashed = event.kind === "fault" ? /^crash (\S+)/u.exec(event.what)?.[1] : undefined;
  const node = crashed ?? event.node;
  if (event.kind === "boot" || crashed !== undefined) {
    for (const way of up) if (way.startsWith(`${node}>`)) up.delete(way);
    for (const [way, era] of eras) if (way.startsWith(`${node}>`)) eras.set(way, era + 1);
  } else if (event.kind === "up") {
    up.add(`${node}>${event.peer}`);
    if (event.isOld === true) old.add(`${node}>${event.peer}`);
  } else if (event.kind === "lost" || event.kind === "nodedown") {
    const way = `${node}>${event.peer}`;
    up.delete(way);
    eras.set(way, eras.need(way) + 1);
  } else if (event.kind === "out") {
    const way = `${node}>${event.peer}`;
    outs
      .need(pairOf(event.from, event.to, event.peer))
      .push({ words: `${event.op} ${event.text}`, wasUp: up.has(way), era: eras.need(way) });
  }
}

/** Between whom a signal goes. A request to spawn goes to a process that is not there yet, on a node. */
function pairOf(from: string, to: string, node: string): string {
  return `${from} > ${to === "undefined" ? `a new one on ${short(node)}` : to}`;
}

/**
 * SIG-1 SIG-13 TR-2: signals of all kinds from a process to one of another node come in the order in which they were sent,
 * each once and as it was sent; what is lost is the rest of a connection that has ended, never something in between.
 */
export const remoteOrder: Law = (events) => {
  const { outs, nodes, old } = waysOf(events);
  const next = new Table(() => 0);
  const counts = new Map<readonly Out[], ReadonlyMap<string, number>>();
  const timesIn = (list: readonly Out[]): ReadonlyMap<string, number> => {
    const known = counts.get(list) ?? countWords(list);
    counts.set(list, known);
    return known;
  };
  const found: string[] = [];
  for (const { node, from, to, op, text } of only(events, "in")) {
    const home = nodes.find((one) => isNode(one, homeOf(from)));
    // Services of nodes speak to each other beside processes.
    if (home === undefined || to.startsWith("$") || isOld(old, home, node)) continue;
    const pair = pairOf(from, to, node);
    const list = outs.get(pair) ?? [];
    const words = `${op} ${text}`;
    const start = next.need(pair);
    let at = start;
    while (at < list.length && list[at]?.words !== words) at += 1;
    const here = list[at];
    const times = timesIn(list);
    if (here === undefined) {
      const isLate = times.has(words);
      found.push(
        `${isLate ? "SIG-1" : "SIG-13"}: ${words} of ${from} came to ${to} ${isLate ? "again or late" : "and was never sent"}`,
      );
      continue;
    }
    // Signals that are the same in words cannot be told apart, so that none of them is a hole for sure.
    const isUnique = (out: Out): boolean => times.get(out.words) === 1;
    const isLost = (out: Out): boolean => out.wasUp && out.era === here.era && isUnique(out);
    const hole = isUnique(here) ? list.slice(start, at).find(isLost) : undefined;
    if (hole !== undefined) found.push(`SIG-13: ${hole.words} of ${from} to ${to} was lost before ${words}, connected`);
    next.set(pair, at + 1);
  }
  return found;
};

/** How often each of them was sent, in words. */
function countWords(list: readonly Out[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { words } of list) times.set(words, (times.get(words) ?? 0) + 1);
  return times;
}

/** SIG-13: while a connection stands nothing is lost; checked where nothing is under way any more. */
export const nothingLost: Law = (events) => {
  const settled = settledPart(events);
  const { outs, nodes, eras, up, old } = waysOf(settled);
  const came = new Table(() => 0);
  for (const { from, to } of only(settled, "in")) came.set(`${from} > ${to}`, came.need(`${from} > ${to}`) + 1);
  return [...outs].flatMap(([pair, list]) => {
    const [from = "", to = ""] = pair.split(" > ");
    const home = nodes.find((one) => isNode(one, homeOf(from)));
    const there = nodes.find((one) => isNode(one, homeOf(to)));
    if (home === undefined || there === undefined || isOld(old, home, there)) return [];
    const way = [...up].find((one) => one.startsWith(`${home}>`) && isNode(one.slice(home.length + 1), there));
    if (way === undefined) return [];
    const due = list.filter(({ wasUp, era }) => wasUp && era === eras.need(way)).length;
    const got = came.need(pair);
    return got >= due
      ? []
      : [`SIG-13: ${to} got ${String(got)} of at least ${String(due)} signals of ${from}, connected`];
  });
};

function isOld(old: ReadonlySet<string>, home: string, there: string): boolean {
  return [...old].some((way) => way.startsWith(`${home}>`) && isNode(way.slice(home.length + 1), there));
}
