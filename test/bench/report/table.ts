/** The results as text: for the terminal while the suite runs, and as a Markdown table for the documents. */
import type { Machine } from "../runner/machine.ts";
import type { RowResult } from "../runner/measure.ts";
import type { Sample } from "../runner/contender.ts";
import { spreadOf } from "../runner/statistics.ts";
import { digits, formatRatio, formatSpread, formatValue } from "./format.ts";
import { verdictsOf } from "./verdict.ts";

/** The lines that are printed when a row is done. */
export function rowLines(result: RowResult): readonly string[] {
  const { row, size, results, ratios } = result;
  const lines = [`${row.name} — ${row.title} (${size.toLocaleString("en")})`];
  for (const one of results) {
    if ("skipped" in one) {
      lines.push(`  ${one.name.padEnd(10)} left out: ${one.skipped.split("\n")[0] ?? ""}`);
      continue;
    }
    const ratio = ratios.find(({ reference }) => reference === one.name);
    const compared =
      ratio === undefined
        ? ""
        : `   ours is ${formatRatio(ratio.ratio)} × this; by CPU time ${formatRatio(ratio.byCpu)}`;
    const value = formatValue(one.value.median, row).padStart(12);
    lines.push(
      `  ${one.name.padEnd(10)} ${value} ${formatSpread(one.value).padEnd(7)}${compared}${extras(one.samples)}`,
    );
  }
  for (const { goal, isMet } of verdictsOf(result)) lines.push(`  goal ${goal}: ${isMet ? "met" : "MISSED"}`);
  return lines;
}

/** What else was measured, as the median of the rounds. */
function extras(samples: readonly Sample[]): string {
  const names = Object.entries(samples[0]?.extra ?? {}).flatMap(([name, value]) =>
    typeof value === "number" ? [name] : [],
  );
  const said = names.map((name) => {
    const { median } = spreadOf(samples.map(({ extra }) => Number(extra[name])));
    return `${name} ${digits(median)}`;
  });
  return said.length === 0 ? "" : `   (${said.join(", ")})`;
}

/** Where and with what, in one paragraph. */
export function machineLine({ cpu, cores, memory, versions, load }: Machine, loadAtEnd: number): string {
  const tools = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const loads = `load ${load.toFixed(1)} at the beginning, ${loadAtEnd.toFixed(1)} at the end`;
  return `${cpu}, ${String(cores)} cores, ${memory}; ${tools.join(", ")}; ${loads}`;
}

/** One line per row and reference, in Markdown. */
export function markdownTable(results: readonly RowResult[]): string {
  const lines = [
    "| row | ours | reference | its value | ratio (quartiles) | by CPU time | goal |",
    "| --- | --- | --- | --- | --- | --- | --- |",
  ];
  for (const result of results) {
    const ours = result.results.find(({ name }) => name === "otp");
    if (ours === undefined || "skipped" in ours) continue;
    const cells = [result.row.name, `${formatValue(ours.value.median, result.row)} ${formatSpread(ours.value)}`];
    const goals = verdictsOf(result);
    if (result.ratios.length === 0) {
      lines.push(`| ${[...cells, "—", "", "", "", goals.map(said).join("; ")].join(" | ")} |`);
    }
    for (const [i, { reference, ratio, byCpu }] of result.ratios.entries()) {
      const theirs = result.results.find(({ name }) => name === reference);
      if (theirs === undefined || "skipped" in theirs) continue;
      const mine = goals.filter(
        ({ goal }) => goal.endsWith(` ${reference}`) || (i === 0 && goal.startsWith("at most")),
      );
      const value = `${formatValue(theirs.value.median, result.row)} ${formatSpread(theirs.value)}`;
      const head = i === 0 ? cells : ["", ""];
      lines.push(
        `| ${[...head, reference, value, formatRatio(ratio), formatRatio(byCpu), mine.map(said).join("; ")].join(" | ")} |`,
      );
    }
  }
  return lines.join("\n");
}

function said({ goal, isMet }: { readonly goal: string; readonly isMet: boolean }): string {
  return `${goal}: ${isMet ? "met" : "missed"}`;
}
