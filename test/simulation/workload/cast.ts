/** Who takes part in a workload of processes. */
import type { Actor } from "./actor.ts";
import type { Diary } from "./diary.ts";
import type { Servers } from "./servers.ts";

/** The actors of a run, and what they find. */
export interface Cast {
  readonly actors: readonly Actor[];
  readonly servers: readonly Servers[];
  readonly diary: Diary;
  readonly now: () => number;
}
