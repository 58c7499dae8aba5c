/** What a `DynamicSupervisor` may be told, with its defaults, and what is wrong with it, by name (DSUP-1, DSUP-7). */
import { checkFlags, type FlagsFault, type IntensityOptions, isWhole } from "./flags.ts";

/** Options of a `DynamicSupervisor`. */
export interface DynamicFlags extends IntensityOptions {
  /** There is no other. */
  readonly strategy?: "one_for_one";
  /** How many children there may be at a time, restarting ones included (DSUP-3). Default `"infinity"`. */
  readonly maxChildren?: number | "infinity";
  /** Put between the supervisor and the arguments of every child's start function (DSUP-7). Default none. */
  readonly extraArguments?: readonly unknown[];
}

/** The flags of a `DynamicSupervisor` with every default. */
export interface DynamicInit {
  readonly strategy: "one_for_one";
  readonly maxRestarts: number;
  readonly maxSeconds: number;
  readonly maxChildren: number | "infinity";
  readonly extraArguments: readonly unknown[];
}

/** What is wrong with the flags of a `DynamicSupervisor`. */
export interface DynamicFault {
  readonly supervisorData:
    | FlagsFault
    | { readonly invalidMaxChildren: unknown }
    | { readonly invalidExtraArguments: unknown };
}

/** Checked flags, or what is wrong with them. */
export type DynamicCheck =
  | { readonly ok: true; readonly flags: DynamicInit }
  | { readonly ok: false; readonly reason: DynamicFault | "bad_return" };

/** Fills in the defaults; what is given is checked when the supervisor starts. */
export function dynamicInit(flags: DynamicFlags = {}): DynamicInit {
  return {
    strategy: "one_for_one",
    maxRestarts: 3,
    maxSeconds: 5,
    maxChildren: "infinity",
    extraArguments: [],
    ...flags,
  };
}

/** Checks flags of unknown origin. */
export function checkDynamic(given: unknown): DynamicCheck {
  if (!isFlags(given)) return { ok: false, reason: "bad_return" };
  const common = checkFlags(given, ["one_for_one"]);
  if (!common.ok) return refuse(common.reason);
  const { maxRestarts, maxSeconds, autoShutdown } = common.flags;
  if (autoShutdown !== "never") return refuse({ invalidAutoShutdown: autoShutdown });
  const { maxChildren = "infinity", extraArguments = [] } = given;
  if (maxChildren !== "infinity" && !(isWhole(maxChildren) && maxChildren >= 0)) {
    return refuse({ invalidMaxChildren: maxChildren });
  }
  if (!isArray(extraArguments)) return refuse({ invalidExtraArguments: extraArguments });
  return { ok: true, flags: { strategy: "one_for_one", maxRestarts, maxSeconds, maxChildren, extraArguments } };
}

type RawDynamicFlags = { readonly [Flag in keyof DynamicFlags | "autoShutdown"]?: unknown };

function isFlags(value: unknown): value is RawDynamicFlags {
  return typeof value === "object" && value !== null && "strategy" in value;
}

function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function refuse(supervisorData: DynamicFault["supervisorData"]): DynamicCheck {
  return { ok: false, reason: { supervisorData } };
}
