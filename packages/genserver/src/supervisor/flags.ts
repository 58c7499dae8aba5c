/** How a supervisor behaves as a whole: its options, their defaults, and what is wrong with them, by name (SUP-2, SUP-20). */
import { ArgumentError } from "@otp/core";
import { show } from "@otp/core/internal";

import type { Intensity } from "./intensity.ts";
import type { AutoShutdown, Strategy } from "./strategy.ts";

/** What every supervisor can be told. */
export interface IntensityOptions {
  /** How many restarts are borne within `maxSeconds`; one more ends the supervisor. Default 3. */
  readonly maxRestarts?: number;
  /** In seconds. Default 5. */
  readonly maxSeconds?: number;
}

/** What a `Supervisor` is told besides its children. */
export interface SupervisorFlags extends IntensityOptions {
  /** Which siblings are restarted with a child. There is no default. */
  readonly strategy: Strategy;
  /** Whether the end of significant children ends the supervisor. Default `"never"`. */
  readonly autoShutdown?: AutoShutdown;
}

/** The flags with every default filled in. */
export interface CheckedFlags extends Intensity {
  readonly strategy: Strategy;
  readonly autoShutdown: AutoShutdown;
}

/** What is wrong with the flags of a supervisor. */
export type FlagsFault =
  | { readonly invalidStrategy: unknown }
  | { readonly invalidIntensity: unknown }
  | { readonly invalidPeriod: unknown }
  | { readonly invalidAutoShutdown: unknown };

/** Checked flags, or what is wrong with them. */
export type FlagsCheck =
  | { readonly ok: true; readonly flags: CheckedFlags }
  | { readonly ok: false; readonly reason: FlagsFault };

/** Flags of unknown origin. */
export type RawFlags = { readonly [Flag in keyof SupervisorFlags]?: unknown };

/** Checks flags and fills in the defaults. */
export function checkFlags(given: RawFlags, strategies: readonly Strategy[]): FlagsCheck {
  const { strategy, maxRestarts = 3, maxSeconds = 5, autoShutdown = "never" } = given;
  const known = strategies.find((one) => one === strategy);
  if (known === undefined) return refuse({ invalidStrategy: strategy });
  if (!isWhole(maxRestarts) || maxRestarts < 0) return refuse({ invalidIntensity: maxRestarts });
  if (typeof maxSeconds !== "number" || !(maxSeconds > 0)) return refuse({ invalidPeriod: maxSeconds });
  if (autoShutdown !== "never" && autoShutdown !== "any_significant" && autoShutdown !== "all_significant") {
    return refuse({ invalidAutoShutdown: autoShutdown });
  }
  return { ok: true, flags: { strategy: known, maxRestarts, maxSeconds, autoShutdown } };
}

/** @throws ArgumentError where no strategy is given (SUP-2). */
export function requireStrategy(flags: RawFlags | undefined): void {
  if (flags?.strategy !== undefined) return;
  throw new ArgumentError(
    `expected the option strategy to be given: "one_for_one", "one_for_all" or "rest_for_one". Got: ${show(flags)}`,
  );
}

/** True for whole numbers. */
export function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value);
}

function refuse(reason: FlagsFault): FlagsCheck {
  return { ok: false, reason };
}
