import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { readTally, type Tally } from "./tally.ts";

const folder = mkdtempSync(join(tmpdir(), "otp-tally-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (status: string, ...tests: readonly string[]): object => ({
  name: "some.test.ts",
  status,
  assertionResults: tests.map((outcome) => ({ status: outcome })),
});

function tally(exitCode: number, ...testResults: readonly object[]): Tally {
  const path = join(folder, "report.json");
  writeFileSync(path, JSON.stringify({ testResults }));
  return readTally(path, exitCode);
}

describe("readTally", () => {
  it("counts what passed and what failed", () => {
    expect(tally(0, file("passed", "passed", "passed", "pending"))).toMatchObject({ passed: 2, failed: 0 });
    expect(tally(1, file("failed", "passed", "failed"))).toEqual({ passed: 1, failed: 1, notes: [] });
  });

  it("counts a file that could not be run as a failure", () => {
    expect(tally(1, file("passed", "passed"), file("failed"))).toMatchObject({ passed: 1, failed: 1 });
  });

  it("counts an error outside every test as a failure", () => {
    expect(tally(1, file("passed", "passed"))).toMatchObject({ passed: 1, failed: 1 });
  });

  it("says so when nothing ran, and when there is no report", () => {
    expect(tally(0)).toEqual({ passed: 0, failed: 0, notes: ["No test ran."] });
    expect(readTally(join(folder, "absent.json"), 1)).toMatchObject({ passed: 0, failed: 1 });
  });
});
