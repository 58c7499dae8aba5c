/** Monitors and aliases. */
import { homeOf, isNode, type Law, Living, only, perNode, Table } from "./reading.ts";
import { restOf } from "./links.ts";
import { uniqueSends } from "./signals.ts";

/** K5 MON-1 MON-7: at most one DOWN per monitor, and none after `demonitor` with `flush`. */
export const downOnce: Law = (events) => {
  const over = new Set<string>();
  const found: string[] = [];
  for (const event of events) {
    if (event.kind === "boot") for (const key of over) if (key.startsWith(`${event.node} `)) over.delete(key);
    if (event.kind === "demonitor" && event.isFlushed) over.add(`${event.node} ${event.pid} ${event.ref}`);
    if (event.kind !== "down") continue;
    const key = `${event.node} ${event.to} ${event.ref}`;
    if (over.has(key))
      found.push(`K5: DOWN of ${event.object} came to ${event.to} twice, or when ${event.ref} was over`);
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

/** K3 SIG-7: no message of a process comes after the DOWN that tells of its end. */
export const nothingAfterDown: Law = (events) => {
  const sends = uniqueSends(events);
  const down = new Set<string>();
  const found: string[] = [];
  for (const event of events) {
    if (event.kind === "boot") down.clear();
    if (event.kind === "down" && !event.reason.includes("noconnection") && !event.reason.includes("noproc")) {
      down.add(`${event.object} ${event.to}`);
    }
    // The EXIT of a link may come behind the DOWN of the same end (MON-15).
    if (event.kind !== "deliver" || event.about !== undefined) continue;
    const sent = sends.get(event.message);
    const from = event.from ?? (sent?.to === event.to ? sent.from : undefined);
    if (from !== undefined && down.has(`${from} ${event.to}`)) {
      found.push(`K3: ${event.message} of ${from} came to ${event.to} after its DOWN`);
    }
  }
  return found;
};

/** MON-4 MON-13 MON-16: a DOWN of a process of the own node has the reason of its end; `noproc` only where it was dead. */
export const trueReason: Law = (events) =>
  [...perNode(events)].flatMap(([node, own]) => {
    const living = new Living();
    const watched = new Map<string, boolean>();
    return own.flatMap((event) => {
      living.see(event);
      if (event.kind === "monitor") watched.set(`${event.pid} ${event.ref}`, living.has(event.object));
      if (event.kind !== "down" || !isNode(homeOf(event.object), node)) return [];
      const reason = living.reasonOf(event.object);
      const wasAlive = watched.get(`${event.to} ${event.ref}`);
      if (event.reason === "'noproc'" && reason !== "'noproc'") {
        return wasAlive === true || living.has(event.object)
          ? [`MON-4: ${event.to} got noproc of ${event.object}, which lived when it was monitored`]
          : [];
      }
      if (reason === undefined || reason === event.reason) return [];
      return [`MON-16: ${event.object} ended with ${reason}, and ${event.to} was told ${event.reason}`];
    });
  });

/** MON-3 MON-5: a DOWN names what was monitored, a pid or a name with its node. */
export const downNames: Law = (events) => {
  const objects = new Map<string, string>();
  const found: string[] = [];
  for (const event of only(events, "monitor", "down")) {
    if (event.kind === "monitor") objects.set(`${event.node} ${event.pid} ${event.ref}`, event.object);
    else {
      const object = objects.get(`${event.node} ${event.to} ${event.ref}`);
      if (object !== undefined && object !== event.object)
        found.push(`MON-3: ${event.to} monitored ${object} and got DOWN of ${event.object}`);
    }
  }
  return found;
};

/** MON-11 MON-17 K4: at rest, every monitor of a process is known to both sides, and as often. */
export const monitorsHaveTwoEnds: Law = (events) => {
  const rest = restOf(events);
  const told = [...new Set(rest.map(({ node }) => node))];
  const count = new Table(() => 0);
  for (const { what, who, whom } of rest) {
    if (what === "monitor") count.set(`${who} ${whom}`, count.need(`${who} ${whom}`) + 1);
    if (what === "watcher") count.set(`${whom} ${who}`, count.need(`${whom} ${who}`) - 1);
  }
  return [...count].flatMap(([pair, difference]) => {
    const [watcher = "", target = ""] = pair.split(" ");
    const areTold = [watcher, target].every((pid) => told.some((node) => isNode(node, homeOf(pid))));
    // Monitors of names show the name on one side and the process on the other.
    const isNamed =
      target.startsWith("{") ||
      rest.some(({ what, who, whom }) => what === "monitor" && who === watcher && whom.startsWith("{"));
    if (difference === 0 || !areTold || isNamed) return [];
    return [`MON-17: of the monitors of ${watcher} on ${target} one side has ${String(Math.abs(difference))} more`];
  });
};

/** ALIAS-2 ALIAS-3 ALIAS-4 ALIAS-7: a closed alias delivers nothing, one that is good for one reply no second message. */
export const aliasesClose: Law = (events) => {
  const closed = new Set<string>();
  const once = new Set<string>();
  return only(events, "boot", "alias", "unalias", "demonitor", "deliver").flatMap((event) => {
    if (event.kind === "boot") {
      for (const refs of [closed, once]) for (const ref of refs) if (ref.startsWith(`${event.node} `)) refs.delete(ref);
      return [];
    }
    if (event.kind === "alias") {
      if (event.mode === "reply" || event.mode === "replyDemonitor") once.add(`${event.node} ${event.ref}`);
      if (event.mode === "demonitor" || event.mode === "replyDemonitor") once.add(`${event.node} ${event.ref} monitor`);
    } else if (event.kind === "unalias") closed.add(`${event.node} ${event.ref}`);
    else if (event.kind === "demonitor") {
      if (once.has(`${event.node} ${event.ref} monitor`)) closed.add(`${event.node} ${event.ref}`);
    } else if (event.through !== undefined) {
      const ref = `${event.node} ${event.through}`;
      const isClosed = closed.has(ref);
      if (once.has(ref)) closed.add(ref);
      return isClosed
        ? [`ALIAS-3: ${event.message} came to ${event.to} through ${event.through}, which was closed`]
        : [];
    }
    return [];
  });
};
