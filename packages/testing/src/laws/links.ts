/** Links and exit signals: who hears of an end, once, and what it does to them. */
import { homeOf, isNode, type Law, Living, type Of, only, perNode, settledPart, Table } from "./reading.ts";
import type { TraceEvent } from "../simulation/trace.ts";

/** K8 EXIT-9: an exit signal `kill` that comes from no link ends its receiver at once, as `killed`. */
export const killKills: Law = (events) =>
  effects(events).flatMap(({ signal, end }) => {
    if (signal.isFromLink || signal.reason !== "'kill'" || end === "'killed'") return [];
    return [`K8: ${signal.to} was killed by ${signal.from} and did not end as killed`];
  });

/** EXIT-5 EXIT-6 EXIT-7 EXIT-8 EXIT-13 LINK-9: what an exit signal does follows from its reason and the trap flag at that time. */
export const exitRule: Law = (events) =>
  effects(events).flatMap(({ signal, end, isMessage, isTrapping }) => {
    const { to, from, reason, isFromLink } = signal;
    if (reason === "'kill'" && !isFromLink) return [];
    if (isTrapping)
      return isMessage && end === undefined ? [] : [`EXIT-8: ${to} traps exits and got no message of ${from}`];
    if (reason === "'normal'" && from !== to) {
      return isMessage || end !== undefined
        ? [`EXIT-5: the exit signal normal of ${from} was not ignored by ${to}`]
        : [];
    }
    return end === reason ? [] : [`EXIT-7: ${to} did not end with ${reason} of ${from}`];
  });

interface Effect {
  readonly signal: Of<"signal">;
  readonly isTrapping: boolean;
  /** The reason with which it has ended its receiver. */
  end: string | undefined;
  /** Whether it has become a message. */
  isMessage: boolean;
}

/** Exit signals with what they have done until the receiver was done with them. */
function effects(events: readonly TraceEvent[]): readonly Effect[] {
  const found: Effect[] = [];
  for (const own of perNode(events).values()) {
    const trapping = new Set<string>();
    const open = new Map<string, Effect>();
    for (const event of own) {
      if (event.kind === "boot") trapping.clear();
      else if (event.kind === "trap") {
        if (event.on) trapping.add(event.pid);
        else trapping.delete(event.pid);
      } else if (event.kind === "signal") {
        const effect = { signal: event, isTrapping: trapping.has(event.to), end: undefined, isMessage: false };
        open.set(event.to, effect);
      } else if (event.kind === "signalled") {
        const effect = open.get(event.to);
        if (effect !== undefined) found.push(effect);
        open.delete(event.to);
      } else if (event.kind === "exit") {
        const effect = open.get(event.pid);
        if (effect !== undefined) effect.end ??= event.reason;
      } else if (event.kind === "deliver") {
        const effect = open.get(event.to);
        if (effect !== undefined && event.about === `EXIT ${effect.signal.from}`) effect.isMessage = true;
      }
    }
  }
  return found;
}

/** LINK-1 LINK-10 EXIT-14: whoever is linked to a process of its node when it ends gets its reason, exactly once. */
export const linksTell: Law = (events) =>
  [...perNode(events)].flatMap(([node, own]) => {
    const living = new Living();
    return own.flatMap((event, at) => {
      living.see(event);
      if (event.kind !== "exit") return [];
      return (event.links ?? []).flatMap((other) => {
        if (!isNode(homeOf(other), node) || !living.has(other)) return [];
        const later = own.slice(at);
        const told = only(later, "signal").filter(
          ({ to, from, isFromLink, reason }) =>
            to === other && from === event.pid && isFromLink && reason === event.reason,
        ).length;
        // Whoever links itself to the dead is told that there is nobody, which may be what it ended with as well.
        const again = event.reason === "'noproc'" ? only(later, "link").filter(isLinkOf(other, event.pid)).length : 0;
        // Who ends for another reason before its turn has come hears nothing any more.
        const hasEnded = only(later, "exit").some(({ pid }) => pid === other);
        if ((told >= 1 && told <= 1 + again) || (told === 0 && hasEnded)) return [];
        return [
          `LINK-1: ${other} was linked to ${event.pid} and heard ${String(told)} times that it ended with ${event.reason}`,
        ];
      });
    });
  });

function isLinkOf(pid: string, other: string): (link: Of<"link">) => boolean {
  return (link) => link.pid === pid && link.other === other;
}

/** LINK-12: one death gives one exit signal, however often two processes were linked. */
export const linksOnce: Law = (events) => {
  const told = new Set<string>();
  const found: string[] = [];
  for (const event of only(events, "boot", "link", "signal", "linkEnded")) {
    if (event.kind === "boot") told.clear();
    else if (event.kind === "linkEnded") {
      const key = `${event.other} > ${event.pid}`;
      if (told.has(key)) found.push(`LINK-12: ${event.pid} got EXIT of ${event.other} twice`);
      told.add(key);
    } else if (event.kind === "link") told.delete(`${event.other} > ${event.pid}`);
    else if (event.isFromLink) {
      const key = `${event.from} > ${event.to}`;
      const isRelinked = event.reason.includes("noconnection") || event.reason.includes("noproc");
      if (told.has(key) && !isRelinked)
        found.push(`LINK-12: ${event.to} got a second exit signal of its link to ${event.from}`);
      if (!isRelinked) told.add(key);
    }
  }
  return found;
};

/** LINK-3: after `unlink` no exit signal of that link counts, unless the two were linked again. */
export const unlinked: Law = (events) => {
  const cut = new Set<string>();
  return only(events, "boot", "link", "unlink", "in", "signal").flatMap((event) => {
    if (event.kind === "boot") cut.clear();
    else if (event.kind === "link") {
      cut.delete(`${event.pid} ${event.other}`);
      cut.delete(`${event.other} ${event.pid}`);
    } else if (event.kind === "unlink") cut.add(`${event.pid} ${event.other}`);
    else if (event.kind === "in") {
      if (event.op === "link") cut.delete(`${event.to} ${event.from}`);
    } else if (event.isFromLink && cut.has(`${event.to} ${event.from}`)) {
      return [`LINK-3: ${event.to} had unlinked ${event.from} and got the exit signal of the link`];
    }
    return [];
  });
};

/** LINK-1 LINK-4 K4: at rest, links between processes of connected nodes have both ends. */
export const linksHaveTwoEnds: Law = (events) => {
  const rest = restOf(events);
  const links = new Set(rest.filter(({ what }) => what === "link").map(({ who, whom }) => `${who} ${whom}`));
  const told = new Set(rest.map(({ node }) => node));
  return rest.flatMap(({ what, who, whom }) => {
    if (what !== "link" || links.has(`${whom} ${who}`)) return [];
    return [...told].some((node) => isNode(node, homeOf(whom)))
      ? [`LINK-1: ${who} is linked to ${whom}, which is not to it`]
      : [];
  });
};

/** LINK-4: every unlink that reached another node is acknowledged, by the dead as well. */
export const unlinksAnswered: Law = (events) => {
  const settled = settledPart(events);
  const nodes = perNode(settled);
  return [...nodes].flatMap(([node, own]) => {
    const due = new Map<string, string>();
    for (const event of own) {
      if (event.kind === "in" && event.op === "unlink") due.set(`${event.from} ${event.to} ${event.text}`, event.peer);
      if (event.kind === "out" && event.op === "unlinkAck") due.delete(`${event.to} ${event.from} ${event.text}`);
      if (event.kind === "lost") for (const [key, peer] of due) if (peer === event.peer) due.delete(key);
    }
    return [...due.keys()].map((key) => `LINK-4: ${node} never acknowledged the unlink ${key}`);
  });
};

/** LINK-3: a process that ends while its unlink is on its way sends no exit signal for that link. */
export const noExitAfterUnlink: Law = (events) => {
  const open = new Set<string>();
  return only(events, "boot", "out", "in", "lost").flatMap((event) => {
    if (event.kind === "boot" || event.kind === "lost") open.clear();
    else if (event.kind === "in") {
      if (event.op === "unlinkAck") open.delete(`${event.to} ${event.from}`);
    } else if (event.op === "unlink") open.add(`${event.from} ${event.to}`);
    else if (event.op === "link") open.delete(`${event.from} ${event.to}`);
    // A link that comes to the dead is answered, whatever its own unlink has become (LINK-6).
    else if (event.op === "linkExit" && event.text !== "'noproc'" && open.has(`${event.from} ${event.to}`)) {
      return [`LINK-3: ${event.from} had unlinked ${event.to} and told it of its end all the same`];
    }
    return [];
  });
};

/** LINK-5 LINK-6 EXIT-10: `noproc` over a link comes of processes that do not live. */
export const noprocOfTheDead: Law = (events) =>
  [...perNode(events)].flatMap(([node, own]) => {
    const living = new Living();
    return own.flatMap((event) => {
      living.see(event);
      if (event.kind !== "signal" || !event.isFromLink || event.reason !== "'noproc'") return [];
      const isHere = isNode(homeOf(event.from), node);
      return isHere && living.has(event.from) ? [`LINK-5: ${event.to} got noproc of ${event.from}, which lives`] : [];
    });
  });

/** What the tables held when nothing was under way, the last time that this was written down. */
export function restOf(events: readonly TraceEvent[]): Of<"rest">[] {
  const settled = settledPart(events);
  const latest = new Table<Of<"rest">[]>(() => []);
  let isOver = true;
  for (const event of settled) {
    if (event.kind === "settled") isOver = true;
    if (event.kind !== "rest") continue;
    if (isOver) latest.clear();
    isOver = false;
    latest.need(event.node).push(event);
  }
  return [...latest.values()].flat();
}
