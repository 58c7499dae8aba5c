import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

import { sharedNatsServer } from "../support/nats-server.ts";
import { osNode } from "../support/os-node.ts";

const program = new URL("../../apps/job-queue/src/main.ts", import.meta.url);
const { url } = sharedNatsServer();

function start(...args: readonly string[]) {
  const env = { NATS_URL: url(), OTP_COOKIE: "jobs", OTP_CLUSTER: "jobs", OTP_LOG: "silent" };
  const os = osNode(program, { args, env });
  onTestFinished(() => os.kill());
  return os;
}

function jobs(...lines: readonly object[]) {
  const folder = mkdtempSync(join(tmpdir(), "otp-jobs-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "jobs.jsonl");
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return { file, results: join(folder, "results") };
}

function finished(results: string): string[] {
  try {
    return readdirSync(results).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
}

describe("the command job-queue", () => {
  it("explains itself, and refuses what makes no sense with one line", async () => {
    const help = start("run", "--help");
    expect((await help.exit()).code).toBe(0);
    expect(help.lines.join("\n")).toContain("--concurrency");
    const wrong = start("run", "/nonexistent", "--results", tmpdir());
    expect((await wrong.exit()).code).toBe(1);
    expect(wrong.lines).toEqual([
      expect.stringMatching(/^job-queue: could not start Queue: .*cannot read \/nonexistent/u),
    ]);
  });

  it("loses no job and repeats no finished one when it is killed in the middle", async () => {
    const naps = Array.from({ length: 12 }, (_, index) => ({ id: `nap-${index}`, fn: "sleep", args: [400] }));
    const { file, results } = jobs({ id: "self", fn: "hash", args: [program.pathname] }, ...naps);
    const args = ["run", file, "--results", results, "--concurrency", "2"];
    const first = start(...args);
    await expect.poll(() => finished(results).length, { timeout: 20_000 }).toBeGreaterThan(2);
    await first.kill();
    const before = finished(results);
    const times = before.map((name) => statSync(join(results, name)).mtimeMs);
    expect(before.length).toBeLessThan(13);
    const second = start(...args);
    expect((await second.exit()).code).toBe(0);
    expect(second.lines).toEqual([`${13 - before.length} done, 0 failed, ${before.length} skipped`]);
    expect(before.map((name) => statSync(join(results, name)).mtimeMs)).toEqual(times);
    for (const name of finished(results))
      expect(JSON.parse(readFileSync(join(results, name), "utf8"))).toMatchObject({ status: "done" });
    expect(finished(results)).toHaveLength(13);
  });

  it("has nodes over NATS do the work, one of which is killed, and tells by its exit code that a job failed", async () => {
    const one = start("work", "--name", "one@localhost");
    const two = start("work", "--name", "two@localhost");
    await one.line("works for others");
    await two.line("works for others");
    const naps = ["a", "b", "c", "d"].map((id) => ({ id, fn: "sleep", args: [1_500] }));
    const { file, results } = jobs({ id: "quick", fn: "sleep", args: [1] }, ...naps, {
      id: "hopeless",
      fn: "fail",
      args: [99],
    });
    const names = ["--name", "queue@localhost", "--workers", "one@localhost,two@localhost"];
    const queue = start("run", file, "--results", results, "--attempts", "4", ...names);
    await expect.poll(() => finished(results), { timeout: 20_000 }).toContain("quick.json");
    await two.kill();
    expect((await queue.exit()).code).toBe(2);
    expect(queue.lines).toEqual(["5 done, 1 failed, 0 skipped"]);
    one.signal("SIGTERM");
    expect(await one.exit()).toEqual({ code: 0, signal: null });
  });
});
