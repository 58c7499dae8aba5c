/** The results as one HTML file that needs nothing but itself. */
import type { RowResult } from "../runner/measure.ts";
import { spreadOf } from "../runner/statistics.ts";
import { formatRatio, formatSpread, formatValue } from "./format.ts";
import { type Bar, escape, linePlot, ratioPlot, type Series } from "./plot.ts";
import { verdictsOf } from "./verdict.ts";

const style = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 760px; padding: 0 1rem; color: #1c2430; background: #fff }
table { border-collapse: collapse; font-size: 13px; width: 100% } td, th { padding: 2px 8px; text-align: left; border-bottom: 1px solid #dde }
td:nth-child(3), td:nth-child(4) { text-align: right } svg text { font-size: 11px; fill: #1c2430 } .label { text-anchor: end }
.axis { text-anchor: middle } .grid { stroke: #e3e6ee } .one { stroke: #667 } .good { fill: #4a9d6e } .bad { fill: #d08a3c }
.spread { stroke: #1c2430; stroke-width: 2 } .goal { stroke: #b3261e; stroke-width: 2 }
.line { fill: none; stroke: hsl(var(--hue) 60% 45%); stroke-width: 2 } .dot { fill: hsl(var(--hue) 60% 45%) }
@media (prefers-color-scheme: dark) { body { background: #14181f; color: #dde3ee } svg text { fill: #dde3ee } .grid { stroke: #2a3140 }
.spread { stroke: #dde3ee } td, th { border-color: #2a3140 } }`;

/** The page. */
export function page(results: readonly RowResult[], circumstances: string): string {
  const references = [...new Set(results.flatMap(({ ratios }) => ratios.map(({ reference }) => reference)))];
  const ratioPlots = references.map((reference) => {
    const bars = results.flatMap(({ row, ratios }): Bar[] => {
      const found = ratios.find((one) => one.reference === reference);
      return found === undefined ? [] : [{ label: row.name, ratio: found.ratio, goal: row.goals[reference] }];
    });
    return `<h3>${escape(reference)}</h3>${ratioPlot(bars)}`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Benchmarks of OTP for TypeScript</title>
<meta name="viewport" content="width=device-width"><style>${style}</style></head><body>
<h1>Benchmarks</h1><p>${escape(circumstances)}</p>
<h2>How many times a reference's speed ours is</h2>
<p>Medians of ratios within one round; the dark line spans the quartiles, the red mark is the goal.</p>
${ratioPlots.join("\n")}
<h2>Cost as the work grows</h2>${growthPlots(results)}
<h2>Latency</h2>${latencyPlots(results)}
<h2>All rows</h2>${table(results)}
</body></html>
`;
}

function growthPlots(results: readonly RowResult[]): string {
  return plotsOf(results, "series", { x: "amount", y: "seconds" });
}

function latencyPlots(results: readonly RowResult[]): string {
  return plotsOf(results, "latency", { x: "percentile, as 1 in n calls is slower", y: "ms" });
}

function plotsOf(
  results: readonly RowResult[],
  field: string,
  axes: { readonly x: string; readonly y: string },
): string {
  return results
    .flatMap(({ row, results }) => {
      const series = results.flatMap((one): Series[] => {
        if ("skipped" in one) return [];
        const rounds = one.samples.map(({ extra }) => extra[field]).filter((points) => Array.isArray(points));
        return rounds.length === 0
          ? []
          : [{ name: one.name, points: medians(rounds.map((points) => points.filter(isPoint))) }];
      });
      return series.length === 0 ? [] : [`<h3>${escape(row.name)}: ${escape(row.title)}</h3>${linePlot(series, axes)}`];
    })
    .join("\n");
}

/** The rounds' lines as one: at each place of the axis the median of what they have there. */
function medians(rounds: readonly (readonly (readonly [number, number])[])[]): Series["points"] {
  return (rounds[0] ?? []).map(([x], at) => [x, spreadOf(rounds.map((points) => points[at]?.[1] ?? 0)).median]);
}

function isPoint(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === "number");
}

function table(results: readonly RowResult[]): string {
  const lines = results.flatMap((result) => {
    const { row, results, ratios } = result;
    const goals = verdictsOf(result)
      .map(({ goal, isMet }) => `${goal}: ${isMet ? "met" : "missed"}`)
      .join("; ");
    return results.map((one) => {
      if ("skipped" in one) return cells([row.name, one.name, "left out", "", "", one.skipped.split("\n")[0] ?? ""]);
      const ratio = ratios.find(({ reference }) => reference === one.name);
      return cells([
        row.name,
        one.name,
        formatValue(one.value.median, row),
        formatSpread(one.value),
        ratio === undefined ? "" : `${formatRatio(ratio.ratio)}; by CPU time ${formatRatio(ratio.byCpu)}`,
        one.name === "otp" ? goals : "",
      ]);
    });
  });
  const head = ["row", "contender", "median", "spread", "ours is … × this", "goals"];
  return `<table><tr>${head.map((one) => `<th>${one}</th>`).join("")}</tr>\n${lines.join("\n")}</table>`;
}

function cells(texts: readonly string[]): string {
  return `<tr>${texts.map((text) => `<td>${escape(text)}</td>`).join("")}</tr>`;
}
