/** Numbers for people. */
import type { Row } from "../runner/rows.ts";
import type { Spread } from "../runner/statistics.ts";

/** A value in the unit of its row, in three digits. */
export function formatValue(value: number, { unit }: Pick<Row, "unit">): string {
  if (unit !== "/s" && unit !== "B/s") return `${digits(value)} ${unit}`;
  if (value >= 1e6) return `${digits(value / 1e6)} M${unit}`;
  if (value >= 1e3) return `${digits(value / 1e3)} k${unit}`;
  return `${digits(value)} ${unit}`;
}

/** How far the quartiles are from the median, in per cent of it. */
export function formatSpread({ median, low, high }: Spread): string {
  return `±${String(Math.round((50 * (high - low)) / median))} %`;
}

/** A ratio with its quartiles. */
export function formatRatio({ median, low, high }: Spread): string {
  return `${digits(median)} (${digits(low)}–${digits(high)})`;
}

/** Three significant digits, without an exponent. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "?";
  if (value >= 100) return String(Math.round(value));
  return value.toPrecision(value >= 1 ? 3 : 2);
}
