/** The rows of the suite: what is measured, at which size, against whom, and what is aimed at. */

/** Who takes part. `unsealed` and `unbatched` are ours without what their names say; `beam` has one scheduler, `beam-smp` as many as the machine has cores. */
export type ContenderName =
  | "otp"
  | "unsealed"
  | "unbatched"
  | "beam"
  | "beam-smp"
  | "nact"
  | "effect"
  | "xstate"
  | "nats"
  | "moleculer";

/** One row. */
export interface Row {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly better: "more" | "less";
  readonly isRemote: boolean;
  readonly size: number;
  readonly quickSize: number;
  readonly contenders: readonly ContenderName[];
  /** Who does not take part in a quick run. */
  readonly notQuick?: readonly ContenderName[];
  /** The ratio to reach, by reference, or under `absolute` the value; for `less` rows the most that it may be. */
  readonly goals: Readonly<Record<string, number>>;
}

/** Who does a tenth of the work in the same time does a tenth of the work: the rate is what is compared. */
export const shares: Readonly<Partial<Record<ContenderName, number>>> = { nact: 0.1, effect: 0.1 };

const beams = ["otp", "beam", "beam-smp"] as const;
const libraries = { nact: 3, effect: 3 };
const all = { ...libraries, xstate: 1.2 };

function local(name: string, title: string, [size, quickSize]: readonly [number, number], rest: Partial<Row>): Row {
  return {
    name,
    title,
    unit: "/s",
    better: "more",
    isRemote: false,
    size,
    quickSize,
    contenders: [...beams, ...Object.keys(rest.goals ?? {}).filter(isLibrary)],
    goals: {},
    ...rest,
  };
}

function isLibrary(name: string): name is "nact" | "effect" | "xstate" {
  return name === "nact" || name === "effect" || name === "xstate";
}

/** Local rows, in the order of the table. */
export const localRows: readonly Row[] = [
  local("call", "sequential calls", [300_000, 50_000], { goals: { beam: 3, ...all } }),
  local("call100", "calls of 100 concurrent callers", [300_000, 50_000], { goals: { beam: 4, ...all } }),
  local("cast", "casts, then one call", [1_000_000, 200_000], { goals: { beam: 1.5, ...all } }),
  local("send", "messages to a loop on receive", [1_000_000, 200_000], { goals: { beam: 0.7 } }),
  local("pingpong", "messages between two processes", [300_000, 50_000], { goals: { beam: 1.5, ...libraries } }),
  local("ring", "hops round 1,000 processes", [1_000_000, 50_000], { goals: { beam: 1.3, ...libraries } }),
  local("spawn", "processes spawned and ended", [200_000, 50_000], { goals: { beam: 2, ...all } }),
  local("genserver_start_stop", "GenServers started and stopped", [50_000, 10_000], { goals: { beam: 3 } }),
  local("monitor", "spawn, monitor, DOWN", [100_000, 20_000], { goals: { beam: 2 } }),
  local("link_storm", "linked processes that end with one", [50_000, 10_000], { goals: { beam: 2 } }),
  local("selective", "the last of 10,000 queued", [2_000, 300], { goals: { beam: 2 } }),
  local("selective_ref", "a fresh ref behind 100,000 queued", [100_000, 20_000], { goals: { beam: 1 } }),
  local("supervisor_start", "children started by a dynamic supervisor", [100_000, 10_000], { goals: { beam: 2 } }),
  local("supervisor_restart", "children killed and restarted", [20_000, 1_500], { goals: { beam: 2 } }),
  local("skynet", "leaves of a tree of processes", [1_000_000, 10_000], { goals: { beam: 2, effect: 3 } }),
  local("population", "processes that live at once, each asked and ended", [300_000, 20_000], { contenders: ["otp"] }),
  local("timers", "timers, every other one cancelled", [1_000_000, 50_000], {}),
  local("backlog", "messages drained from a full mailbox", [1_000_000, 100_000], {}),
  local("idle_process", "bytes of an idle process", [1_000_000, 20_000], {
    unit: "B",
    better: "less",
    goals: { absolute: 400 },
  }),
  local("idle_genserver", "bytes of an idle GenServer", [1_000_000, 20_000], {
    unit: "B",
    better: "less",
    goals: { absolute: 600 },
  }),
  local("fairness", "p99 lateness of a 10 ms timer under load", [1_000, 100], {
    unit: "ms",
    better: "less",
    contenders: ["otp", "beam"],
    goals: { absolute: 15 },
  }),
];
