/**
 * Programs whose processes act at the same time, on a real Erlang and here. Erlang plays each of them several times, and every
 * outcome it shows must be that of some schedule here. `OTP_LONG=1` plays 1,000 of them, or `OTP_RUNS`; `OTP_SEED` repeats a run.
 */
import fc from "fast-check";
import { expect, it } from "vitest";

import { missingErlang } from "../interop/erlang-port.ts";
import { Beam } from "./beam.ts";
import { search, type Shown } from "./crowd-search.ts";
import { type Crowd, crowds, writtenCrowd } from "./crowd-steps.ts";

const isLong = process.env["OTP_LONG"] === "1";
const seed = Number(process.env["OTP_SEED"] ?? (isLong ? Math.floor(Math.random() * 2 ** 31) : 1));
const numRuns = Number(process.env["OTP_RUNS"] ?? (isLong ? 1_000 : 50));
const times = isLong ? 20 : 10;
const budget = isLong ? { drawn: 100, all: 20_000 } : { drawn: 20, all: 10_000 };

/** What Erlang has shown, each outcome once. */
async function ask(beam: Beam, crowd: Crowd): Promise<readonly Shown[]> {
  const text = await beam.ask([times, crowd]);
  const shown = new Map<string, Shown>();
  for (const run of text.split("\n--\n")) {
    const lines = run.split("\n");
    const order = (lines.pop() ?? "").split(" ").filter((word) => word !== "");
    const outcome = lines.join("\n");
    if (!shown.has(outcome)) shown.set(outcome, { outcome, order: order.map(Number) });
  }
  return [...shown.values()];
}

it("outcomes of a crowd on a real Erlang are outcomes here", { timeout: isLong ? 3_600_000 : 120_000 }, async () => {
  const reason = missingErlang();
  if (reason !== null) {
    if (process.env["CI"] !== undefined) throw new Error(reason);
    console.log(`not tested: ${reason}`);
    return;
  }
  process.env["OTP_LOG"] = "silent";
  await using beam = new Beam("oracle_crowd");
  let [programs, reached, unknown] = [0, 0, 0];
  const different: string[] = [];
  // The short form takes as many as there is time for.
  const end = isLong ? Number.POSITIVE_INFINITY : Date.now() + 6_000;
  for (const crowd of fc.sample(crowds, { numRuns, seed })) {
    if (Date.now() > end) break;
    const found = await search(crowd, await ask(beam, crowd), budget);
    programs += 1;
    reached += found.reached.length;
    unknown += found.unknown.length;
    if (found.unknown.length > 0 && isLong)
      console.log(`unknown:\n${writtenCrowd(crowd)}\n${found.unknown.join("\n\n")}`);
    for (const outcome of found.unreachable) different.push(`${writtenCrowd(crowd)}\n--- in Erlang only\n${outcome}\n`);
  }
  console.log(
    `crowds: seed ${String(seed)}, ${String(programs)} programs, ${String(reached)} outcomes reached, ${String(unknown)} unknown, ${String(different.length)} unreachable`,
  );
  expect(different.join("\n")).toBe("");
});
