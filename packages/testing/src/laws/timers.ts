/** Timers of all sorts: messages, limits of receives and calls, sleeps. */
import { type Law, type Of, only } from "./reading.ts";

interface Running {
  readonly timer: Of<"timer">;
  readonly place: number;
}

/** TIMER-2: no timer expires before its time, on the clock of its node. */
export const neverEarly: Law = (events) => {
  const running = new Map<string, Of<"timer">>();
  return only(events, "timer", "expire").flatMap((event) => {
    const key = `${event.node} ${String(event.id)}`;
    if (event.kind === "timer") {
      running.set(key, event);
      return [];
    }
    const timer = running.get(key);
    if (timer === undefined || event.clock >= timer.clock + timer.ms - slack(event.clock)) return [];
    const passed = event.clock - timer.clock;
    return [`TIMER-2: a timer of ${String(timer.ms)} ms on ${event.node} expired after ${String(passed)} ms`];
  });
};

/** TIMER-5 T1: a timer expires at most once, and not at all after it was cancelled. */
export const overOnce: Law = (events) => {
  const over = new Map<string, string>();
  return only(events, "timer", "expire", "cancelled").flatMap((event) => {
    const key = `${event.node} ${String(event.id)}`;
    if (event.kind === "timer") {
      // Numbers begin anew with each incarnation of a node.
      over.delete(key);
      return [];
    }
    const before = over.get(key);
    over.set(key, event.kind === "expire" ? "had expired" : "was cancelled");
    if (before === undefined) return [];
    return event.kind === "expire"
      ? [`T1: timer ${String(event.id)} of ${event.node} expired although it ${before}`]
      : [];
  });
};

/** TIMER-4: of timers of one node that are due at the same time, the one that was started first expires first. */
export const inTurn: Law = (events) => {
  const running = new Map<string, Running>();
  const latest = new Map<string, Running>();
  const found: string[] = [];
  let place = 0;
  for (const event of only(events, "boot", "timer", "expire", "cancelled")) {
    place += 1;
    if (event.kind === "boot") {
      latest.delete(event.node);
      continue;
    }
    const key = `${event.node} ${String(event.id)}`;
    if (event.kind === "timer") {
      running.set(key, { timer: event, place });
      continue;
    }
    const one = running.get(key);
    running.delete(key);
    if (event.kind === "cancelled" || one === undefined) continue;
    const before = latest.get(event.node);
    if (before !== undefined && dueOf(before.timer) === dueOf(one.timer) && before.place > one.place) {
      found.push(
        `TIMER-4: a timer that was due at ${String(dueOf(one.timer))} on ${event.node} expired after a younger one`,
      );
    }
    latest.set(event.node, one);
  }
  return found;
};

function dueOf({ clock, ms }: Of<"timer">): number {
  return clock + ms;
}

/** Sums of fractions of milliseconds are not exact. */
function slack(clock: number): number {
  return Number.isInteger(clock) ? 0 : 1e-6;
}
