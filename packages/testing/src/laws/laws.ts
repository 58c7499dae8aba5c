/** All laws, with the properties that each of them checks: the same for simulations, runs under faults and recordings. */
import type { TraceEvent } from "../simulation/trace.ts";
import * as calls from "./calls.ts";
import * as cluster from "./cluster.ts";
import * as links from "./links.ts";
import * as mailboxes from "./mailboxes.ts";
import * as monitors from "./monitors.ts";
import * as names from "./names.ts";
import * as nodes from "./nodes.ts";
import * as numbered from "./numbered.ts";
import * as processes from "./processes.ts";
import type { Law } from "./reading.ts";
import * as signals from "./signals.ts";
import * as supervision from "./supervision.ts";
import * as timers from "./timers.ts";

/**
 * A law with what it is about.
 *
 * @see lawBook
 */
export interface LawEntry {
  readonly name: string;
  readonly check: Law;
  /** Numbers of the properties in `docs/laws.md` that it checks. */
  readonly properties: readonly number[];
}

const properties: Readonly<Record<string, readonly number[]>> = {
  pairOrder: [1, 13],
  noDuplication: [2],
  noInvention: [5],
  localDelivery: [3, 13],
  sendNeverFails: [6],
  unchanged: [14],
  remoteOrder: [1, 2, 4, 5, 78, 80, 81],
  nothingLost: [3],
  oldestFirst: [7, 40],
  takenOnce: [8],
  patience: [9],
  oneAtATime: [40],
  handledInOrder: [41],
  terminatesOnce: [45],
  neverEarly: [9, 12],
  overOnce: [10, 11],
  inTurn: [12],
  oneEnd: [15],
  deadAreQuiet: [15],
  pidsAreNew: [66],
  leaderInherited: [28],
  killKills: [20],
  exitRule: [18, 19, 20, 26],
  linksTell: [18],
  linksOnce: [17],
  unlinked: [21],
  linksHaveTwoEnds: [16, 22],
  unlinksAnswered: [22],
  noExitAfterUnlink: [23],
  noprocOfTheDead: [24],
  downOnce: [30, 32],
  downComes: [30],
  nothingAfterDown: [31],
  trueReason: [25, 33],
  downNames: [34],
  monitorsHaveTwoEnds: [35],
  aliasesClose: [36],
  oneAnswer: [37],
  answersCome: [37],
  answerIsTheReply: [38, 42],
  lateRepliesVanish: [39],
  namesFree: [48, 49],
  namesOfTheLiving: [44],
  lookupsAreTrue: [50],
  onlyTheLivingOwn: [27],
  tablesAgree: [27],
  stopOrder: [53, 58],
  intensity: [54],
  strategies: [55],
  restartTypes: [56],
  shutdownTime: [57],
  noOrphans: [59],
  oneConnection: [63, 68],
  nothingAfterLost: [62],
  lossIsTold: [61],
  comeAndGo: [63],
  downBeforeNodedown: [61],
  incarnations: [66],
  oneOwner: [70],
  ownersLive: [74],
  registrationsEnd: [73],
  groupsAgree: [52],
  numberedInOrder: [1, 2, 4, 66],
  numberedInside: [62, 63],
};

const families: readonly object[] = [
  signals,
  mailboxes,
  timers,
  processes,
  links,
  monitors,
  calls,
  names,
  supervision,
  nodes,
  cluster,
  numbered,
];

/**
 * Every law by its name; `simulate` checks all of them after each run.
 *
 * ```ts
 * lawBook.find(({ name }) => name === "downOnce")?.properties; // => [30, 32]
 * ```
 */
export const lawBook: readonly LawEntry[] = Object.entries(properties).flatMap(([name, checked]) => {
  const check: unknown = families.map((family): unknown => Reflect.get(family, name)).find((law) => law !== undefined);
  return isLaw(check) ? [{ name, check, properties: checked }] : [];
});

/**
 * The laws themselves.
 *
 * ```ts continues
 * laws.length === lawBook.length; // => true
 *
 * const nobodyDies: Law = (events) => events.flatMap((event) => (event.kind === "exit" ? [`${event.pid} has ended`] : []));
 * nobodyDies([{ kind: "exit", pid: "a.1", reason: "normal", at: 1, node: "a" }]); // => ["a.1 has ended"]
 * ```
 */
export const laws: readonly Law[] = lawBook.map(({ check }) => check);

/**
 * What a trace says against any of the laws, each line with the rule that was broken; nothing, always.
 *
 * ```ts continues
 * checkLaws([{ kind: "expire", id: 1, clock: 5, node: "a", at: 5 }]); // => []
 * ```
 */
export function checkLaws(events: readonly TraceEvent[]): readonly string[] {
  return laws.flatMap((law) => law(events));
}

function isLaw(value: unknown): value is Law {
  return typeof value === "function";
}
