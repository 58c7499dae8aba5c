/** Counts a Vitest run from its JSON report: what passed, what failed, and what failed without being a test. */
import { existsSync, readFileSync } from "node:fs";

/** The outcome of a run. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** What the counts alone do not tell. */
  readonly notes: readonly string[];
}

interface FileReport {
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string }[];
}

/**
 * Reads the report at `path` of a run that ended with `exitCode`. A file that could not be run at all counts as one
 * failure, and so does an error outside every test, which only the exit code tells of.
 */
export function readTally(path: string, exitCode: number): Tally {
  if (!existsSync(path))
    return { passed: 0, failed: 1, notes: ["Vitest ended without a report; counted as one failure."] };
  const report: unknown = JSON.parse(readFileSync(path, "utf8"));
  const files = isReport(report) ? report.testResults : [];
  const count = (status: string): number =>
    files.flatMap((file) => file.assertionResults).filter((test) => test.status === status).length;
  const broken = files.filter(
    (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
  );
  const notes = broken.map((file) => `${file.name} failed outside its tests; counted as one failure.`);
  const passed = count("passed");
  const failed = count("failed") + broken.length;
  if (failed === 0 && passed === 0) return { passed, failed, notes: [...notes, "No test ran."] };
  if (failed > 0 || exitCode === 0) return { passed, failed, notes };
  return {
    passed,
    failed: 1,
    notes: [`Vitest ended with code ${String(exitCode)} over an error outside every test; counted as one failure.`],
  };
}

function isReport(value: unknown): value is { readonly testResults: readonly FileReport[] } {
  return typeof value === "object" && value !== null && "testResults" in value && Array.isArray(value.testResults);
}
