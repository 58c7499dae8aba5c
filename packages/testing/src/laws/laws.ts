/** Laws of messages, links, monitors and names, checked on the trace of any run. Each says what is wrong, nothing always. */
import type { TraceEvent } from "../simulation/trace.ts";

/** Looks for breaches of one rule. */
export type Law = (events: readonly TraceEvent[]) => readonly string[];

type Of<Kind extends TraceEvent["kind"]> = Extract<TraceEvent, { readonly kind: Kind }>;

function only<Kind extends TraceEvent["kind"]>(events: readonly TraceEvent[], kind: Kind): Of<Kind>[] {
  return events.filter((event): event is Of<Kind> => event.kind === kind);
}

/** Messages in words that were sent once: only these can be told apart on arrival. */
function uniqueSends(events: readonly TraceEvent[]): ReadonlyMap<string, Of<"send">> {
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

/** K5 MON-1: at most one DOWN per monitor, and none after `demonitor` with `flush`. */
export const downOnce: Law = (events) => {
  const over = new Set<string>();
  const found: string[] = [];
  for (const event of events) {
    // The next incarnation of a node counts its processes and refs anew.
    if (event.kind === "fault" && event.what.startsWith("crash")) over.clear();
    if (event.kind === "demonitor" && event.isFlushed) over.add(`${event.pid} ${event.ref}`);
    if (event.kind !== "down") continue;
    const key = `${event.to} ${event.ref}`;
    if (over.has(key)) found.push(`K5: DOWN of ${event.object} came to ${event.to} when ${event.ref} was over`);
    over.add(key);
  }
  return found;
};

/** K9 MON-2: whoever watches a process of its own node hears of its end. */
export const downComes: Law = (events) => {
  const isOver = new Set<string>();
  const ended = new Set(only(events, "exit").map(({ pid }) => pid));
  for (const event of events) {
    if (event.kind === "down") isOver.add(`${event.to} ${event.ref}`);
    if (event.kind === "demonitor") isOver.add(`${event.pid} ${event.ref}`);
  }
  return only(events, "monitor").flatMap(({ node, pid, ref, object }) => {
    const isOwed = object.startsWith(`${node}.`) && object !== pid && ended.has(object) && !ended.has(pid);
    return isOwed && !isOver.has(`${pid} ${ref}`) ? [`K9: ${pid} never heard of the end of ${object}`] : [];
  });
};

/** K3 SIG-1: no message of a process comes after the DOWN that tells of its end. */
export const nothingAfterDown: Law = (events) => {
  const sends = uniqueSends(events);
  const down = new Set<string>();
  const found: string[] = [];
  for (const event of events) {
    if (event.kind === "down" && !event.reason.includes("noconnection") && !event.reason.includes("noproc")) {
      down.add(`${event.object} ${event.to}`);
    }
    if (event.kind !== "deliver") continue;
    const from = sends.get(event.message)?.from;
    if (from !== undefined && sends.get(event.message)?.to === event.to && down.has(`${from} ${event.to}`)) {
      found.push(`K3: ${event.message} of ${from} came to ${event.to} after its DOWN`);
    }
  }
  return found;
};

/** K9: a process ends once, and does nothing before it was there. */
export const oneEnd: Law = (events) => {
  const ended = new Set<string>();
  return events.flatMap((event) => {
    // The next incarnation of a node counts its processes anew.
    if (event.kind === "fault" && event.what.startsWith("crash")) ended.clear();
    if (event.kind !== "exit" || event.pid === "") return [];
    const key = `${event.node} ${event.pid}`;
    const isAgain = ended.has(key);
    ended.add(key);
    return isAgain ? [`K9: ${event.pid} ended twice`] : [];
  });
};

/** K7 SIG-10: a name has one owner, and is free before anybody on its node hears of its owner's end. */
export const namesFree: Law = (events) => {
  const owners = new Map<string, string>();
  const found: string[] = [];
  for (const event of events) {
    if (event.kind === "fault" && event.what.startsWith("crash ")) {
      const node = event.what.slice("crash ".length);
      for (const key of owners.keys()) if (key.startsWith(`${node} `)) owners.delete(key);
    }
    if (event.kind === "register") {
      const key = `${event.node} ${event.name}`;
      const before = owners.get(key);
      if (before !== undefined) found.push(`K7: ${event.name} went to ${event.pid} while ${before} had it`);
      owners.set(key, event.pid);
    } else if (event.kind === "release") owners.delete(`${event.node} ${event.name}`);
    else if (
      event.kind === "down" &&
      [...owners.values()].includes(event.object) &&
      !event.reason.includes("noconnection")
    ) {
      found.push(`K7: ${event.object} had a name when ${event.to} heard of its end`);
    }
  }
  return found;
};

/** K8: an exit signal `kill` that comes from no link ends its receiver at once, as `killed`. */
export const killKills: Law = (events) =>
  events.flatMap((event, at) => {
    if (event.kind !== "signal" || event.isFromLink || event.reason !== "'kill'") return [];
    const next = events[at + 1];
    const isKilled = next?.kind === "exit" && next.pid === event.to && next.reason === "'killed'";
    return isKilled ? [] : [`K8: ${event.to} was killed by ${event.from} and did not end as killed`];
  });

/** All of them; `simulate` checks these after every run. */
export const laws: readonly Law[] = [
  pairOrder,
  noDuplication,
  downOnce,
  downComes,
  nothingAfterDown,
  oneEnd,
  namesFree,
  killKills,
];

/** What a trace says against any of the laws. */
export function checkLaws(events: readonly TraceEvent[]): readonly string[] {
  return laws.flatMap((law) => law(events));
}
