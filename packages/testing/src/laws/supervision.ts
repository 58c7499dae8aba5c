/** Supervisors: the order in which children are stopped, how many restarts are too many, whom a crash touches, orphans. */
import { type Law, Living, type Of, perNode, settledPart } from "./reading.ts";
import type { TraceEvent } from "../simulation/trace.ts";

interface Child {
  readonly id: string;
  readonly pid: string;
  readonly restart: string;
  readonly shutdown: string;
}

/** What is known of one supervisor at some moment. */
interface Office {
  readonly flags: Of<"supervisor">;
  children: readonly Child[];
  /** Whose end it is dealing with. */
  crashed: Child | undefined;
  /** Whom it has told to end since it began with something, in order, with when. */
  told: { readonly child: Child; readonly at: number }[];
  /** Restarts of late, in ms. */
  restarts: number[];
  /** Whether it has had one restart too many. */
  isOverdone: boolean;
  /** Whether restarts may have been missed, or are as old as the window is long. */
  isUnsure: boolean;
  isEnding: boolean;
  /** Whether somebody has told it to end. */
  isAsked: boolean;
  /** Whether a process was spawned on its node since it began with something. */
  hasSpawned: boolean;
}

/** Told of each event together with what is known then. */
type Look = (event: TraceEvent, offices: ReadonlyMap<string, Office>, living: Living) => readonly string[];

/** SUP-5 SUP-6 SUP-7 S1: children are stopped in the reverse order of their starts, each only when the one before is dead. */
export const stopOrder: Law = (events) =>
  look(events, (event, offices, living) => {
    if (event.kind !== "tell") return [];
    const office = offices.get(event.from);
    const place = office?.children.findIndex(({ pid }) => pid === event.to) ?? -1;
    if (office === undefined || place < 0) return [];
    const others = office.told.map(({ child }) => child).filter(({ pid }) => pid !== event.to);
    const alive = others.find(({ pid }) => living.has(pid));
    if (alive !== undefined) return [`SUP-7: ${event.from} told ${event.to} to end before ${alive.pid} was dead`];
    const last = others.at(-1);
    if (last === undefined || office.children.indexOf(last) > place) return [];
    return [`SUP-5: ${event.from} stopped ${event.to} after ${last.pid}, which had been started before it`];
  });

/** SUP-3 S2: one restart too many within the window ends a supervisor, and no fewer do. */
export const intensity: Law = (events) =>
  look(events, (event, offices, living) => {
    if (event.kind !== "handled" && event.kind !== "exit") return [];
    const office = offices.get(event.pid);
    if (office?.crashed === undefined || office.isUnsure || office.flags.auto) return [];
    const { maxRestarts } = office.flags;
    const count = `${String(office.restarts.length)} restarts, of which it bears ${String(maxRestarts)}`;
    if (event.kind === "handled") {
      return office.isOverdone && living.has(event.pid) ? [`SUP-3: ${event.pid} lives on after ${count}`] : [];
    }
    return event.reason === "'shutdown'" && !office.isOverdone && !office.isAsked
      ? [`SUP-3: ${event.pid} gave up after ${count}`]
      : [];
  });

/** SUP-11 SUP-12: a crash touches those whom the strategy names: nobody else, all, or those that were started later. */
export const strategies: Law = (events) =>
  look(events, (event, offices) => {
    if (event.kind !== "tell") return [];
    const office = offices.get(event.from);
    if (office?.crashed === undefined || office.isEnding || office.isOverdone || office.flags.auto) return [];
    const place = office.children.findIndex(({ pid }) => pid === event.to);
    const crash = office.children.indexOf(office.crashed);
    if (place < 0) return [];
    const isMeant =
      office.flags.strategy === "one_for_all" || (office.flags.strategy === "rest_for_one" && place > crash);
    return isMeant
      ? []
      : [`SUP-11: ${event.from} is ${office.flags.strategy} and stopped ${event.to} for ${office.crashed.pid}`];
  });

/** SUP-9 SUP-10 S3: a temporary child is not started again, nor a transient one that has ended well; a permanent one is. */
export const restartTypes: Law = (events) => {
  const before = new Map<string, readonly Child[]>();
  return look(events, (event, offices, living) => {
    if (event.kind !== "children") return [];
    const office = offices.get(event.pid);
    const old = before.get(event.pid) ?? [];
    before.set(event.pid, event.list.map(childOf));
    const { crashed } = office ?? {};
    if (office === undefined || crashed === undefined || office.isOverdone || office.isEnding) return [];
    const now = event.list.map(childOf).find(({ id }) => id === crashed.id);
    const reason = living.reasonOf(crashed.pid);
    if (reason === undefined || !old.some(({ id }) => id === crashed.id)) return [];
    const isRunning = now !== undefined && now.pid !== "-";
    const isDue = isRestarted(crashed, reason);
    // A start may be ignored, so that a child that was started again need not run; where all are started again, one may wait
    // for another that does not start (SUP-14).
    if (isRunning === isDue || (isDue && (office.hasSpawned || office.flags.strategy === "one_for_all"))) return [];
    return [
      `SUP-9: ${crashed.id} of ${event.pid} is ${crashed.restart}, ended with ${reason} and was ${isRunning ? "" : "not "}started again`,
    ];
  });
};

/** SUP-7: a child has the whole of its time to end before it is killed. */
export const shutdownTime: Law = (events) =>
  look(events, (event, offices) => {
    if (event.kind !== "tell" || event.reason !== "'kill'") return [];
    const told = offices.get(event.from)?.told.find(({ child }) => child.pid === event.to);
    if (told === undefined) return [];
    const time = Number(told.child.shutdown);
    const passed = event.clock - told.at;
    if (Number.isNaN(time) || passed >= time - (Number.isInteger(event.clock) ? 0 : 1e-6)) return [];
    return [`SUP-7: ${event.from} killed ${event.to} after ${String(passed)} of ${told.child.shutdown} ms`];
  });

/** SUP-24 SUP-25 S4: whatever has become of a supervisor, none of its children lives on without it. */
export const noOrphans: Law = (events) => {
  const orphans = new Map<string, readonly Child[]>();
  const settled = settledPart(events);
  const living = new Living();
  look(settled, (event, offices) => {
    if (event.kind === "exit") {
      const office = offices.get(event.pid);
      if (office !== undefined) orphans.set(event.pid, office.children);
    }
    return [];
  });
  for (const event of settled) living.see(event);
  return [...orphans].flatMap(([pid, children]) =>
    children
      .filter((child) => living.has(child.pid))
      .map((child) => `S4: ${child.pid} lives on after its supervisor ${pid}`),
  );
};

function look(events: readonly TraceEvent[], see: Look): readonly string[] {
  return [...perNode(events).values()].flatMap((own) => {
    const living = new Living();
    const offices = new Map<string, Office>();
    const exits = new Map<string, string>();
    return own.flatMap((event) => {
      living.see(event);
      if (event.kind === "boot") offices.clear();
      if (event.kind === "deliver" && event.about?.startsWith("EXIT ") === true)
        exits.set(`${event.to} ${String(event.n)}`, event.about.slice("EXIT ".length));
      begin(event, { offices, exits, living });
      const found = see(event, offices, living);
      finish(event, offices);
      return found;
    });
  });
}

interface Known {
  readonly offices: Map<string, Office>;
  /** Whose end a message tells of, by its receiver and number. */
  readonly exits: ReadonlyMap<string, string>;
  readonly living: Living;
}

/** What an event means for a supervisor before anybody looks at it. */
function begin(event: TraceEvent, { offices, exits, living }: Known): void {
  if (event.kind === "supervisor") offices.set(event.pid, newOffice(event));
  if (event.kind === "spawn") for (const office of offices.values()) office.hasSpawned = true;
  if (event.kind === "signal") {
    const office = offices.get(event.to);
    if (office !== undefined && !office.children.some(({ pid }) => pid === event.from)) office.isAsked = true;
  }
  if (event.kind === "terminate") {
    const office = offices.get(event.pid);
    if (office !== undefined) Object.assign(office, { isEnding: true, told: [] });
  }
  if (event.kind !== "handle") return;
  const office = offices.get(event.pid);
  if (office === undefined) return;
  office.told = [];
  office.hasSpawned = false;
  const ended = exits.get(`${event.pid} ${String(event.n)}`);
  office.crashed = office.children.find(({ pid }) => pid === ended);
  const { crashed } = office;
  const reason = crashed === undefined ? undefined : living.reasonOf(crashed.pid);
  if (crashed !== undefined && isRestarted(crashed, reason)) noteRestart(office, event.clock);
}

function newOffice(flags: Of<"supervisor">): Office {
  const [isOverdone, isUnsure, isEnding, isAsked] = [false, false, false, false];
  const hasSpawned = false;
  return {
    flags,
    hasSpawned,
    children: [],
    crashed: undefined,
    told: [],
    restarts: [],
    isOverdone,
    isUnsure,
    isEnding,
    isAsked,
  };
}

function isRestarted({ restart }: Child, reason: string | undefined): boolean {
  return restart === "permanent" || (restart === "transient" && reason !== undefined && !isWell(reason));
}

function isWell(reason: string): boolean {
  return /^'(normal|shutdown)'$|^\{ shutdown:/u.test(reason);
}

function noteRestart(office: Office, clock: number): void {
  const { maxRestarts, maxSeconds } = office.flags;
  const window = maxSeconds * 1_000;
  office.restarts = [...office.restarts, clock].filter((time) => clock - time <= window);
  if (office.restarts.length > maxRestarts) office.isOverdone = true;
  // The supervisor reads its clock a little later than the record.
  if (!Number.isInteger(clock) && office.restarts.some((time) => Math.abs(clock - time - window) < 50))
    office.isUnsure = true;
}

/** What it means after that. */
function finish(event: TraceEvent, offices: ReadonlyMap<string, Office>): void {
  if (event.kind === "children") {
    const office = offices.get(event.pid);
    if (office === undefined) return;
    office.children = event.list.map(childOf);
    // An attempt that fails is repeated without any message that could be seen.
    if (office.children.some(({ pid }) => pid === "restarting")) office.isUnsure = true;
  } else if (event.kind === "tell") {
    const office = offices.get(event.from);
    const child = office?.children.find(({ pid }) => pid === event.to);
    if (child !== undefined) office?.told.push({ child, at: event.clock });
  } else if (event.kind === "handled") {
    const office = offices.get(event.pid);
    if (office !== undefined) Object.assign(office, { crashed: undefined, told: [] });
  }
}

function childOf(line: string): Child {
  const parts = line.split("|");
  const [pid = "", restart = "", shutdown = ""] = parts.slice(-3);
  return { id: parts.slice(0, -3).join("|"), pid, restart, shutdown };
}
