/** Plots as SVG, without any script or asset from elsewhere. */
import type { Spread } from "../runner/statistics.ts";
import { digits } from "./format.ts";

/** One bar of a plot of ratios. */
export interface Bar {
  readonly label: string;
  readonly ratio: Spread;
  readonly goal: number | undefined;
}

const width = 720;
const left = 220;
const line = 22;

/** Bars on a logarithmic scale from a tenth to a hundred times, with the quartiles and the goal on each. */
export function ratioPlot(bars: readonly Bar[]): string {
  const x = (ratio: number): number =>
    left + ((Math.log10(Math.min(100, Math.max(0.1, ratio))) + 1) / 3) * (width - left - 60);
  const height = bars.length * line + 30;
  const grid = [0.1, 0.3, 1, 3, 10, 30, 100].map(
    (at) =>
      `<line x1="${f(x(at))}" x2="${f(x(at))}" y1="0" y2="${String(height - 22)}" class="${at === 1 ? "one" : "grid"}"/>` +
      `<text x="${f(x(at))}" y="${String(height - 6)}" class="axis">${String(at)} ×</text>`,
  );
  const shapes = bars.map(({ label, ratio, goal }, i) => {
    const y = i * line + 4;
    const [from, to] = [x(1), x(ratio.median)].toSorted((a, b) => a - b);
    const isMet = goal === undefined || ratio.median >= goal;
    return [
      `<text x="${String(left - 8)}" y="${String(y + 12)}" class="label">${escape(label)}</text>`,
      `<rect x="${f(from ?? 0)}" y="${String(y)}" width="${f((to ?? 0) - (from ?? 0))}" height="14" class="${isMet ? "good" : "bad"}"/>`,
      `<line x1="${f(x(ratio.low))}" x2="${f(x(ratio.high))}" y1="${String(y + 7)}" y2="${String(y + 7)}" class="spread"/>`,
      goal === undefined
        ? ""
        : `<line x1="${f(x(goal))}" x2="${f(x(goal))}" y1="${String(y - 2)}" y2="${String(y + 16)}" class="goal"/>`,
      `<text x="${f(Math.max(x(ratio.median), x(ratio.high)) + 6)}" y="${String(y + 12)}" class="value">${digits(ratio.median)}</text>`,
    ].join("");
  });
  return svg(height, [...grid, ...shapes].join("\n"));
}

/** A named line of a plot of points. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

/** What the axes of a plot of points are. */
export interface Axes {
  readonly x: string;
  readonly y: string;
}

/** Lines through points, both axes logarithmic: what grows linearly is parallel to the diagonal. */
export function linePlot(series: readonly Series[], axes: Axes): string {
  const points = series.flatMap(({ points }) => points).filter(([x, y]) => x > 0 && y > 0);
  if (points.length === 0) return "";
  const height = 260;
  const scaleX = logScale(
    points.map(([x]) => x),
    [80, width - 160],
  );
  const scaleY = logScale(
    points.map(([, y]) => y),
    [height - 40, 20],
  );
  const lines = series.map(({ name, points }, i) => {
    const shown = points.filter(([x, y]) => x > 0 && y > 0);
    const path = shown.map(([x, y]) => `${f(scaleX(x))},${f(scaleY(y))}`).join(" ");
    const [lastX, lastY] = shown.at(-1) ?? [1, 1];
    const dots = shown.map(
      ([x, y]) =>
        `<circle cx="${f(scaleX(x))}" cy="${f(scaleY(y))}" r="3" class="dot"><title>${digits(x)}: ${digits(y)}</title></circle>`,
    );
    const hue = `style="--hue: ${String((i * 67) % 360)}"`;
    return `<g ${hue}><polyline points="${path}" class="line"/>${dots.join("")}<text x="${f(scaleX(lastX) + 8)}" y="${f(scaleY(lastY) + 4)}" class="value">${escape(name)}</text></g>`;
  });
  const first = points.toSorted((a, b) => a[1] - b[1]);
  const low = first[0]?.[1] ?? 0;
  const high = first.at(-1)?.[1] ?? 0;
  const labels = [
    `<text x="${String(width / 2)}" y="${String(height - 4)}" class="axis">${escape(axes.x)} (logarithmic)</text>`,
    `<text x="4" y="14" class="note">${escape(axes.y)}: ${digits(low)} to ${digits(high)} (logarithmic)</text>`,
    ...[...new Set(points.map(([x]) => x))].map(
      (x) => `<text x="${f(scaleX(x))}" y="${String(height - 20)}" class="axis">${x.toLocaleString("en")}</text>`,
    ),
  ];
  return svg(height, [...lines, ...labels].join("\n"));
}

function logScale(values: readonly number[], [from, to]: readonly [number, number]): (value: number) => number {
  const low = Math.log(Math.min(...values));
  const high = Math.log(Math.max(...values));
  return (value) => from + (high === low ? 0.5 : (Math.log(value) - low) / (high - low)) * (to - from);
}

function svg(height: number, inner: string): string {
  return `<svg viewBox="0 0 ${String(width)} ${String(height)}" width="${String(width)}" role="img">${inner}</svg>`;
}

const f = (value: number): string => value.toFixed(1);

/** Text as HTML shows it. */
export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
