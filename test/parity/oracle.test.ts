/**
 * A real Erlang as the oracle: random programs are played there and here, and what is to be seen after every step must be the
 * same. `OTP_LONG=1` plays 20,000 of them, or `OTP_RUNS` of each kind; `OTP_SEED` repeats a run.
 */
import fc from "fast-check";
import { describe, it } from "vitest";

import { missingErlang } from "../interop/erlang-port.ts";
import { Beam } from "./beam.ts";
import { Stage } from "./stage.ts";
import { programs, type Program, written } from "./steps.ts";
import { compare, type Verdict } from "./verdict.ts";

const reason = missingErlang();
const isLong = process.env["OTP_LONG"] === "1";
/** The suite plays the same programs every time: new ones are for the long form. */
const seed = Number(process.env["OTP_SEED"] ?? (isLong ? Math.floor(Math.random() * 2 ** 31) : 1));
const runs = process.env["OTP_RUNS"];
/** Erlang's clock runs by itself: a program that a busy machine has held up is played again, with more time for each step. */
const units = [12, 60, 300];

/** Compares; undefined when Erlang was too late for what matters to timers. */
async function judge(beam: Beam, kind: keyof typeof programs, program: Program): Promise<Verdict | undefined> {
  const here = Stage.play(program);
  let different: Verdict | undefined;
  for (const unit of units) {
    const [ours, { seen, lateMs }] = await Promise.all([here, beam.play(program, unit)]);
    if (kind === "timers" && lateMs > unit / 6) continue;
    const verdict = compare(ours, seen);
    if (verdict.type !== "different") return verdict;
    different = verdict;
  }
  return different;
}

async function ask(kind: keyof typeof programs, numRuns: number): Promise<void> {
  if (reason !== null) {
    if (process.env["CI"] !== undefined) throw new Error(reason);
    console.log(`not tested: ${reason}`);
    return;
  }
  process.env["OTP_LOG"] = "silent";
  const seen = { same: 0, open: 0, different: 0, late: 0 };
  await using beam = new Beam();
  // The short form takes as many as there is time for; a failure has time to shrink.
  let end = isLong ? Number.POSITIVE_INFINITY : Date.now() + 6_000;
  const property = fc.asyncProperty(programs[kind], async (program) => {
    if (Date.now() > end) return;
    const verdict = await judge(beam, kind, program);
    seen[verdict?.type ?? "late"] += 1;
    if (verdict?.type !== "different") return;
    end = Math.max(end, Date.now() + 20_000);
    throw new Error(`the two differ:\n${written(program)}\n${verdict.text}`);
  });
  await fc.assert(property, { numRuns: runs === undefined ? numRuns : Number(runs), seed });
  const { same, open, late } = seen;
  console.log(
    `${kind}: seed ${String(seed)}, ${String(same)} the same, ${String(open)} up to an open order, ${String(late)} too late`,
  );
}

describe("random programs on a real Erlang and here", () => {
  const limit = isLong ? 3_600_000 : 120_000;
  it("signals, links, monitors, names and aliases", () => ask("signals", isLong ? 10_000 : 500), limit);
  it("timers", () => ask("timers", isLong ? 1_000 : 60), limit);
  it("servers", () => ask("servers", isLong ? 5_000 : 400), limit);
  it("supervisors", () => ask("supervisors", isLong ? 4_000 : 300), limit);
});
