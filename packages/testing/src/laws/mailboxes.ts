/** What a process takes from its mailbox, and when a receive gives up. */
import { type Law, type Of, only, Table } from "./reading.ts";

/** RECV-1 RECV-2: a receive takes the oldest message that it wants, a behaviour the oldest of all. */
export const oldestFirst: Law = (events) =>
  only(events, "take", "handle").flatMap(({ pid, n, over }) =>
    over === 0 ? [] : [`RECV-1: ${pid} took its message ${String(n)} before ${String(over)} older ones that it wanted`],
  );

/** RECV-2 RECV-5: a message is taken at most once, and only after it was delivered. */
export const takenOnce: Law = (events) => {
  const taken = new Set<string>();
  const last = new Map<string, number>();
  const found: string[] = [];
  for (const event of only(events, "boot", "deliver", "down", "take", "handle")) {
    if (event.kind === "boot") {
      for (const key of taken) if (key.startsWith(`${event.node} `)) taken.delete(key);
      for (const key of last.keys()) if (key.startsWith(`${event.node} `)) last.delete(key);
      continue;
    }
    if (event.kind === "deliver" || event.kind === "down") {
      if (event.n !== undefined) last.set(`${event.node} ${event.to}`, event.n);
      continue;
    }
    const key = `${event.node} ${event.pid}`;
    const message = `${key} ${String(event.n)}`;
    if (taken.has(message)) found.push(`RECV-2: message ${String(event.n)} of ${event.pid} was taken twice`);
    if (event.n > (last.get(key) ?? event.n))
      found.push(`RECV-2: ${event.pid} took message ${String(event.n)}, which has not come`);
    taken.add(message);
  }
  return found;
};

/** RECV-3 TIMER-2: a receive that gives up has waited as long as it said, on the clock of its node. */
export const patience: Law = (events) => {
  const waiting = new Map<string, Of<"wait">>();
  const found: string[] = [];
  for (const event of only(events, "wait", "timeout", "take")) {
    const key = `${event.node} ${event.pid}`;
    if (event.kind === "wait") waiting.set(key, event);
    else {
      const wait = waiting.get(key);
      waiting.delete(key);
      if (event.kind === "take" || wait === undefined || event.clock - wait.clock >= wait.ms) continue;
      found.push(`RECV-3: ${event.pid} gave up after ${String(event.clock - wait.clock)} of ${String(wait.ms)} ms`);
    }
  }
  return found;
};

/** GS-10: a behaviour handles one message at a time. */
export const oneAtATime: Law = (events) => {
  const busy = new Set<string>();
  return only(events, "boot", "exit", "handle", "handled").flatMap((event) => {
    if (event.kind === "boot") {
      for (const key of busy) if (key.startsWith(`${event.node} `)) busy.delete(key);
      return [];
    }
    const key = `${event.node} ${event.pid}`;
    if (event.kind !== "handle") {
      busy.delete(key);
      return [];
    }
    const isBusy = busy.has(key);
    busy.add(key);
    return isBusy ? [`GS-10: ${event.pid} began with message ${String(event.n)} before it was done with another`] : [];
  });
};

/** CALL-10 GS-10: what one client sends to a server, casts and calls alike, is handled in the order in which it came. */
export const handledInOrder: Law = (events) => {
  const senders = new Map<string, string>();
  const latest = new Table(() => 0);
  const found: string[] = [];
  for (const event of only(events, "boot", "deliver", "handle")) {
    if (event.kind === "boot") {
      for (const key of latest.keys()) if (key.startsWith(`${event.node} `)) latest.delete(key);
    } else if (event.kind === "deliver") {
      if (event.from !== undefined && event.n !== undefined)
        senders.set(`${event.node} ${event.to} ${String(event.n)}`, event.from);
    } else {
      const client = senders.get(`${event.node} ${event.pid} ${String(event.n)}`);
      if (client === undefined) continue;
      const key = `${event.node} ${client} > ${event.pid}`;
      if (event.n < latest.need(key)) found.push(`CALL-10: ${event.pid} handled a later message of ${client} first`);
      latest.set(key, event.n);
    }
  }
  return found;
};

/** GS-14: `terminate` of a server runs at most once. */
export const terminatesOnce: Law = (events) => {
  const over = new Set<string>();
  return only(events, "boot", "terminate").flatMap((event) => {
    if (event.kind === "boot") {
      for (const key of over) if (key.startsWith(`${event.node} `)) over.delete(key);
      return [];
    }
    const key = `${event.node} ${event.pid}`;
    const isAgain = over.has(key);
    over.add(key);
    return isAgain ? [`GS-14: terminate of ${event.pid} ran twice`] : [];
  });
};
