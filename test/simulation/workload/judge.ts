/**
 * Judges a diary when everything has come to rest: what must hold whatever the schedule, and what must hold besides when
 * the network was calm. It knows nothing of how the kernel works.
 */
import { Pid } from "@otp/core";
import { Node as Inner } from "@otp/core/internal";

import type { Actor } from "./actor.ts";
import type { Diary } from "./diary.ts";

/** What is wrong; nothing, always. */
export function judge(diary: Diary, actors: readonly Actor[], isCalm: boolean): readonly string[] {
  return [
    ...diary.faults,
    ...judgeOrder(diary),
    ...judgeDowns(diary, isCalm),
    ...judgeAfterDown(diary),
    ...judgeLinks(diary, actors, isCalm),
    ...judgeDeaths(diary, isCalm),
    ...judgeTables(actors),
    ...(isCalm ? judgeLoss(diary) : []),
  ];
}

/** SIG-1 TR-1: in order and once, from one to another; those with a mark may be taken before others, in their own order. */
function judgeOrder(diary: Diary): string[] {
  const latest = new Map<string, number>();
  return diary.only("get").flatMap(({ who, from, serial, mark }) => {
    const lane = `${String(from)} > ${String(who.id)} ${String(mark)}`;
    const before = latest.get(lane) ?? 0;
    latest.set(lane, serial);
    return serial > before ? [] : [`SIG-1: ${lane}: ${String(serial)} came after ${String(before)}`];
  });
}

/** SIG-2: whoever lives to the end has got everything. */
function judgeLoss(diary: Diary): string[] {
  const got = new Set(diary.only("get").map(({ serial }) => serial));
  return diary
    .only("send")
    .filter(({ to, serial }) => !to.hasEnded && !got.has(serial))
    .map(({ who, to, serial }) => `SIG-2: ${String(serial)} from ${String(who.id)} never came to ${String(to.id)}`);
}

/** MON-2 … MON-7: one DOWN per monitor, with the true reason; none that is not due. */
function judgeDowns(diary: Diary, isCalm: boolean): string[] {
  const faults: string[] = [];
  const reasonOf = new Map(diary.only("end").map(({ who, reason }) => [who, reason]));
  const endAt = new Map(diary.only("end").map(({ who, at }) => [who, at]));
  for (const { who, ref, other, at } of diary.only("monitor")) {
    const downs = diary.only("down").filter((entry) => entry.who === who && entry.ref === ref);
    const over = diary.only("demonitor").find((entry) => entry.ref === ref);
    const [down] = downs;
    if (downs.length > 1) faults.push(`MON-2: ${String(downs.length)} DOWNs of one monitor at ${String(who.id)}`);
    if (over?.isFlushed === true && down !== undefined && diary.entries.indexOf(down) > diary.entries.indexOf(over)) {
      faults.push(`MON-7: DOWN after demonitor with flush at ${String(who.id)}`);
    }
    const isOwed = over === undefined && !who.hasEnded;
    if (isOwed && other.hasEnded && down === undefined)
      faults.push(`MON-2: no DOWN of ${String(other.id)} at ${String(who.id)}`);
    if (down === undefined) continue;
    const isSpoken = down.reason === "noconnection";
    if (isSpoken && isCalm) faults.push("MON-2: noconnection in a calm network");
    if (isSpoken) continue;
    if (!other.hasEnded) faults.push(`MON-2: DOWN of ${String(other.id)}, which lives`);
    else if (down.reason === "noproc") {
      if (isCalm && (endAt.get(other) ?? 0) > at + 5_000)
        faults.push(`MON-4: noproc of ${String(other.id)}, which lived`);
    } else if (down.reason !== reasonOf.get(other)) {
      faults.push(
        `MON-2: ${String(other.id)} ended with ${String(reasonOf.get(other))} and not ${String(down.reason)}`,
      );
    }
  }
  return faults;
}

/** SIG-1: what a process has sent comes before the news of its end. */
function judgeAfterDown(diary: Diary): string[] {
  const over = new Set<string>();
  return diary.entries.flatMap((entry) => {
    if (entry.did === "down" && entry.reason !== "noconnection")
      over.add(`${keyOf(entry.from)} ${String(entry.who.id)}`);
    if (entry.did !== "get" || entry.mark !== null) return [];
    const from = diary.entries.find((one) => one.did === "send" && one.serial === entry.serial)?.who;
    if (from === undefined || !over.has(`${keyOf(from.pid)} ${String(entry.who.id)}`)) return [];
    return [
      `SIG-1: ${String(entry.serial)} of ${String(from.id)} came to ${String(entry.who.id)} after its end was known`,
    ];
  });
}

/** LINK-3 EXIT-8: an EXIT per link and end, and none of a link that has been removed. */
function judgeLinks(diary: Diary, actors: readonly Actor[], isCalm: boolean): string[] {
  const faults: string[] = [];
  const { entries } = diary;
  for (const who of actors) {
    for (const other of actors) {
      if (who === other) continue;
      const ties = entries.filter(
        (entry) =>
          (entry.did === "link" || entry.did === "unlink") &&
          ((entry.who === who && entry.other === other) || (entry.who === other && entry.other === who)),
      );
      const exits = entries.filter(
        (entry) => entry.did === "exitMessage" && entry.who === who && entry.from === other.pid,
      );
      const links = ties.filter(({ did }) => did === "link").length;
      const sent = entries.filter(
        (entry) => entry.did === "sendExit" && entry.who === other && entry.other === who,
      ).length;
      if (exits.length > sent + links) {
        faults.push(
          `LINK-1: ${String(exits.length)} EXITs of ${String(other.id)} at ${String(who.id)} by ${String(links)} links`,
        );
      }
      const unlinkAt = entries.findLastIndex(
        (entry) => entry.did === "unlink" && entry.who === who && entry.other === other,
      );
      const isLinkedAgain = ties.some(
        (entry) => entry.did === "link" && (entry.who === other || entries.indexOf(entry) > unlinkAt),
      );
      const late = exits.filter((entry) => entries.indexOf(entry) > unlinkAt);
      if (unlinkAt >= 0 && !isLinkedAgain && sent === 0 && late.length > 0)
        faults.push(`LINK-3: EXIT of ${String(other.id)} at ${String(who.id)} after unlink`);
      if (isCalm)
        faults.push(
          ...judgeShared(
            diary,
            who,
            other,
            ties.map(({ did }) => did),
          ),
        );
    }
  }
  return faults;
}

/** EXIT-7 EXIT-8: a link that was never removed takes the other along, or tells it. */
function judgeShared(diary: Diary, who: Actor, other: Actor, ties: readonly string[]): string[] {
  if (ties.length === 0 || ties.includes("unlink") || who.hasEnded || !other.hasEnded) return [];
  const end = diary.only("end").find((entry) => entry.who === other);
  const traps = diary.only("trap").filter((entry) => entry.who === who);
  if (end === undefined || end.reason === "normal") return [];
  if (traps.length === 0)
    return [`EXIT-7: ${String(who.id)} survived the end of ${String(other.id)}, to which it is linked`];
  return [];
}

/** EXIT-1 EXIT-5 EXIT-10: a process ends once, and with a reason that somebody gave it. */
function judgeDeaths(diary: Diary, isCalm: boolean): string[] {
  const faults: string[] = [];
  const ends = diary.only("end");
  const ended = new Set<Actor>();
  const reasons = new Map(ends.map(({ who, reason }) => [who, reason]));
  for (const { who, reason } of ends) {
    if (ended.has(who)) faults.push(`EXIT-1: ${String(who.id)} ended twice`);
    ended.add(who);
    const given = diary.only("mayDieOf").some((entry) => entry.other === who && entry.reason === reason);
    const tied = tiesOf(diary, who);
    const byLink = reason !== "normal" && tied.some((other) => reasons.get(other) === reason);
    const isOfTies = tied.length > 0 && (reason === "noproc" || (reason === "noconnection" && !isCalm));
    const isPassedOn = reason === "noconnection" && !isCalm;
    if (!given && !byLink && !isOfTies && !isPassedOn)
      faults.push(`EXIT-1: ${String(who.id)} ended with ${show(reason)}, which nobody gave it`);
  }
  if (!isCalm) return faults;
  for (const { who, other, reason } of diary.only("mayDieOf")) {
    const neverTraps = !diary.only("trap").some((entry) => entry.who === other);
    if (!other.hasEnded && (reason === "killed" || (neverTraps && who !== other))) {
      faults.push(`EXIT-10: ${String(other.id)} survived ${String(reason)}`);
    }
  }
  return faults;
}

/**
 * To whom a process may be linked at its end: whom it has linked since it last unlinked, and who has ever linked it, for an
 * unlink does nothing about a link that is still on its way.
 */
function tiesOf({ entries }: Diary, who: Actor): Actor[] {
  const tied = new Set<Actor>();
  const linkers = new Set<Actor>();
  for (const entry of entries) {
    if (entry.did === "link" && entry.who === who) tied.add(entry.other);
    if (entry.did === "link" && entry.other === who) linkers.add(entry.who);
    if (entry.did === "unlink" && entry.who === who && !linkers.has(entry.other)) tied.delete(entry.other);
  }
  return [...tied, ...linkers];
}

/** K4: both sides of each link and monitor know it, also on two nodes. */
function judgeTables(actors: readonly Actor[]): string[] {
  const faults: string[] = [];
  const living = new Map<string, Actor>();
  for (const actor of actors) if (actor.node.isProcessAlive(actor.pid)) living.set(keyOf(actor.pid), actor);
  const infoOf = ({ node, pid }: Actor) => node.info(pid);
  for (const [key, actor] of living) {
    const { pid } = actor;
    const info = infoOf(actor);
    if (info === undefined) continue;
    if (actor.hasEnded) faults.push(`EXIT-1: ${String(actor.id)} has ended and is alive`);
    for (const link of info.links) {
      const other = living.get(keyOf(link));
      if (other === undefined) faults.push(`LINK-1: ${String(pid)} is linked to ${String(link)}, which is gone`);
      else if (!infoOf(other)?.links.some((back) => keyOf(back) === key))
        faults.push(`LINK-1: the link ${String(pid)} - ${String(link)} has one end`);
    }
    for (const [link, state] of Inner.kernelOf(actor.node).find(actor.pid)?.links ?? []) {
      if (state !== 0) faults.push(`LINK-3: ${String(pid)} still waits for the end of its link to ${String(link)}`);
    }
    for (const watcher of info.monitoredBy) {
      const other = living.get(keyOf(watcher));
      if (other !== undefined && !infoOf(other)?.monitors.some((target) => keyOf(target) === key))
        faults.push(`MON-11: ${String(pid)} is watched by ${String(watcher)}, which does not know`);
    }
    for (const target of info.monitors) {
      const other = living.get(keyOf(target));
      if (other !== undefined && !infoOf(other)?.monitoredBy.some((back) => keyOf(back) === key))
        faults.push(`MON-1: ${String(pid)} watches ${String(other.pid)}, which does not know`);
    }
    if (info.messageQueueLen > 0)
      faults.push(`RECV-1: ${String(info.messageQueueLen)} messages are left at ${String(pid)}`);
  }
  return faults;
}

/** Equal for the same process, whichever node the pid is from. */
function keyOf(pid: object): string {
  return pid instanceof Pid ? `${pid.node} ${String(pid.number)}` : "";
}

function show(reason: unknown): string {
  return reason instanceof Error ? String(reason) : JSON.stringify(reason);
}
