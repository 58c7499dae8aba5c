/** The life of a process: it begins once, ends once, and does nothing afterwards. */
import { type Law, Living, only, perNode } from "./reading.ts";

/** K9 EXIT-1: a process ends once, and does nothing before it was there. */
export const oneEnd: Law = (events) => {
  const ended = new Set<string>();
  return events.flatMap((event) => {
    // The next incarnation of a node counts its processes anew.
    if (event.kind === "fault" && event.what.startsWith("crash")) ended.clear();
    if (event.kind === "boot") for (const key of ended) if (key.startsWith(`${event.node} `)) ended.delete(key);
    if (event.kind !== "exit" || event.pid === "") return [];
    const key = `${event.node} ${event.pid}`;
    const isAgain = ended.has(key);
    ended.add(key);
    return isAgain ? [`K9: ${event.pid} ended twice`] : [];
  });
};

/** JS-4 EXIT-15: nothing of a process runs after its end: it sends, takes, handles and ties nothing, and gets nothing. */
export const deadAreQuiet: Law = (events) =>
  [...perNode(events).values()].flatMap((own) => {
    const living = new Living();
    return own.flatMap((event) => {
      const actor = actorOf(event);
      const isDead = actor !== undefined && living.reasonOf(actor) !== undefined;
      living.see(event);
      return isDead ? [`JS-4: ${actor} has ended and there is a ${event.kind} of it`] : [];
    });
  });

/** PROC-1 SIG-14: a child has the group leader of the process that spawned it. */
export const leaderInherited: Law = (events) =>
  only(events, "spawn").flatMap(({ pid, parent, leader, parentLeader }) =>
    parent === undefined || leader === parentLeader
      ? []
      : [`PROC-1: ${pid} has the group leader ${leader ?? "none"}, its parent ${parent} has ${parentLeader ?? "none"}`],
  );

/** K6: a pid is given once. */
export const pidsAreNew: Law = (events) => {
  const given = new Set<string>();
  return only(events, "boot", "spawn").flatMap((event) => {
    if (event.kind === "boot") {
      for (const key of given) if (key.startsWith(`${event.node} `)) given.delete(key);
      return [];
    }
    const key = `${event.node} ${event.pid}`;
    const isAgain = given.has(key);
    given.add(key);
    return isAgain ? [`K6: ${event.pid} was given twice`] : [];
  });
};

function actorOf(event: Parameters<Living["see"]>[0]): string | undefined {
  switch (event.kind) {
    case "send":
    case "tell":
      return event.from;
    case "deliver":
    case "down":
    case "signal":
      return event.to;
    case "handle":
    case "monitor":
    case "link":
    case "register":
    case "alias":
      return event.pid;
    default:
      return undefined;
  }
}
