/** Calls: one answer each, the server's own, and nothing of them later. */
import { homeOf, type Law, Living, type Of, only, settledPart } from "./reading.ts";

/** G1 CALL-9: a call ends once, with its reply or without. */
export const oneAnswer: Law = (events) => {
  const over = new Set<string>();
  return only(events, "boot", "answer").flatMap((event) => {
    if (event.kind === "boot") {
      over.clear();
      return [];
    }
    const key = `${event.node} ${event.id}`;
    const isAgain = over.has(key);
    over.add(key);
    return isAgain ? [`G1: call ${event.id} was answered twice, the second time with ${event.value}`] : [];
  });
};

/** G2 CALL-3: a call that was replied to, or whose server has ended, is answered, while the caller lives. */
export const answersCome: Law = (events) => {
  const settled = settledPart(events);
  const open = new Map<string, Of<"call">>();
  const due = new Set<string>();
  const living = new Living();
  for (const event of settled) {
    living.see(event);
    if (event.kind === "boot") {
      for (const key of open.keys()) if (key.startsWith(`${event.node} `)) open.delete(key);
    } else if (event.kind === "call") open.set(`${event.node} ${event.id}`, event);
    else if (event.kind === "reply") due.add(`${event.node} ${event.id}`);
    else if (event.kind === "answer") open.delete(`${event.node} ${event.id}`);
  }
  return [...open].flatMap(([key, { id, from, to }]) => {
    // Code outside any process has the number 0, and lives as long as the node.
    const isWaiting = from === `${homeOf(from)}.0` || living.has(from);
    const isDue = due.has(key) || living.reasonOf(to) !== undefined;
    return isWaiting && isDue ? [`G2: call ${id} of ${from} to ${to} was never answered`] : [];
  });
};

/** CALL-9 GS-19: the answer of a call is its first reply; later ones change nothing. */
export const answerIsTheReply: Law = (events) => {
  const first = new Map<string, string>();
  const found: string[] = [];
  for (const event of only(events, "boot", "reply", "answer")) {
    if (event.kind === "boot") {
      first.clear();
      continue;
    }
    const key = `${event.node} ${event.id}`;
    const reply = first.get(key);
    if (event.kind === "reply") first.set(key, reply ?? event.value);
    else if (event.ok && event.value !== reply)
      found.push(
        `CALL-9: call ${event.id} was answered with ${event.value} and first replied to with ${String(reply)}`,
      );
  }
  return found;
};

/** CALL-4: a reply to a call that is over is dropped: it is no message for anybody. */
export const lateRepliesVanish: Law = (events) => {
  const over = new Set<string>();
  const found: string[] = [];
  events.forEach((event, at) => {
    if (event.kind === "boot") over.clear();
    if (event.kind === "answer") over.add(`${event.node} ${event.id}`);
    if (event.kind !== "reply" || !over.has(`${event.node} ${event.id}`)) return;
    const next = events[at + 1];
    if (
      next?.kind === "deliver" &&
      next.node === event.node &&
      next.message.includes(event.value) &&
      next.from === undefined
    )
      found.push(`CALL-4: a late reply to call ${event.id} came to ${next.to}`);
  });
  return found;
};
