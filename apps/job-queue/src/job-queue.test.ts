import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { memoryHub, Node } from "@otp/core";
import { Application, DynamicSupervisor, Task } from "@otp/genserver";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";

import { JobQueue } from "./application.ts";
import { parseJob } from "./job.ts";
import { runners } from "./queue.ts";
import { tasks } from "./runner.ts";

const limits = { concurrency: 2, maxAttempts: 3, backoffMs: 1, timeoutMs: 10_000, workers: [] };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "otp-jobs-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** A file of jobs, and where their results go. */
function jobs(...lines: readonly (object | string)[]) {
  const at = folder();
  const file = join(at, "jobs.jsonl");
  writeFileSync(file, lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));
  return { file, folder: join(at, "results") };
}

function results(at: string): Record<string, unknown> {
  const names = readdirSync(at).filter((name) => name.endsWith(".json"));
  return Object.fromEntries(names.map((name) => [name.slice(0, -5), JSON.parse(readFileSync(join(at, name), "utf8"))]));
}

async function nodeNamed(name: string, transport: ReturnType<ReturnType<typeof memoryHub>["transport"]>) {
  const node = await Node.start({ name, cookie: "jobs", transport, logger: pino({ level: "silent" }) });
  onTestFinished(() => node.stop());
  return node;
}

/** Does the jobs to their end. */
async function doAll(queue: ReturnType<typeof jobs>, options: object = {}) {
  const node = await nodeNamed("queue@localhost", memoryHub().transport());
  await Application.start(node, JobQueue, { queue: { ...queue, ...limits, ...options } });
  await expect.poll(() => Application.whichApplications(node)).toEqual([]);
  return results(queue.folder);
}

describe("a line", () => {
  it("is a job, or a text that says why not", () => {
    expect(parseJob('{"id":"a","fn":"sleep","args":[1]}')).toEqual({ id: "a", fn: "sleep", args: [1] });
    expect(parseJob('{"id":"a","fn":"sleep"}')).toEqual({ id: "a", fn: "sleep", args: [] });
    for (const line of [
      "{",
      "1",
      '{"id":"../a","fn":"sleep"}',
      '{"id":"a","fn":"rm"}',
      '{"id":"a","fn":"fail","args":1}',
    ])
      expect(parseJob(line)).toMatch(/^expected/u);
  });
});

describe("the queue", () => {
  it("does jobs, tries those that fail again, and gives up in the end", async () => {
    const queue = jobs(
      { id: "nap", fn: "sleep", args: [1] },
      { id: "third", fn: "fail", args: [2] },
      { id: "never", fn: "fail", args: [9] },
      "",
      "nonsense",
      { id: "nap", fn: "fail", args: [9] },
    );
    expect(await doAll(queue)).toEqual({
      nap: { id: "nap", status: "done", attempts: 1, value: "slept on queue@localhost" },
      third: { id: "third", status: "done", attempts: 3, value: 3 },
      never: { id: "never", status: "failed", attempts: 3, error: expect.stringContaining("attempt 3 was to fail") },
      "line-5": { id: "line-5", status: "failed", attempts: 0, error: expect.stringContaining("expected JSON") },
    });
  });

  it("hashes bytes, whatever they are", async () => {
    const file = join(folder(), "bytes");
    writeFileSync(file, Uint8Array.of(0xff, 0xfe, 0x00));
    const value = createHash("sha256").update(readFileSync(file)).digest("hex");
    expect(await doAll(jobs({ id: "h", fn: "hash", args: [file] }))).toMatchObject({ h: { status: "done", value } });
  });

  it("gives up an attempt that takes too long", async () => {
    const queue = jobs({ id: "long", fn: "sleep", args: [60_000] });
    expect(await doAll(queue, { timeoutMs: 5, maxAttempts: 2 })).toMatchObject({
      long: { status: "failed", attempts: 2, error: "no end within 5 ms" },
    });
  });

  it("takes no more jobs than it may have in the works", async () => {
    const queue = jobs(...Array.from({ length: 20 }, (_, index) => ({ id: `j${index}`, fn: "sleep", args: [60_000] })));
    const node = await nodeNamed("queue@localhost", memoryHub().transport());
    await Application.start(node, JobQueue, { queue: { ...queue, ...limits } });
    await expect.poll(async () => (await Task.Supervisor.children(node, tasks)).length).toBe(2);
    expect(await DynamicSupervisor.countChildren(node, runners)).toMatchObject({ active: 2 });
  });

  it("starts a runner again that is killed, and does its job", async () => {
    const queue = jobs({ id: "nap", fn: "sleep", args: [300] });
    const node = await nodeNamed("queue@localhost", memoryHub().transport());
    await Application.start(node, JobQueue, { queue: { ...queue, ...limits } });
    await expect.poll(async () => (await Task.Supervisor.children(node, tasks)).length).toBe(1);
    const [runner] = await DynamicSupervisor.whichChildren(node, runners);
    if (typeof runner?.pid !== "object") throw new Error("no runner");
    const [task] = await Task.Supervisor.children(node, tasks);
    node.sendExit(runner.pid, "kill");
    // Its task does not go on beside the one of the new runner.
    await expect.poll(() => task !== undefined && node.isProcessAlive(task)).toBe(false);
    await expect.poll(() => Application.whichApplications(node)).toEqual([]);
    expect(results(queue.folder)).toMatchObject({ nap: { status: "done" } });
  });

  it("gives up when results cannot be written, however often it starts again", async () => {
    const queue = jobs({ id: "nap", fn: "sleep", args: [0] });
    mkdirSync(join(queue.folder, "nap.json.part"), { recursive: true });
    const node = await nodeNamed("queue@localhost", memoryHub().transport());
    await Application.start(node, JobQueue, { queue: { ...queue, ...limits } });
    await expect.poll(() => Application.whichApplications(node), { timeout: 10_000 }).toEqual([]);
    expect(results(queue.folder)).toEqual({});
  });

  it("has other nodes do the work, and goes on when one of them dies", async () => {
    const hub = memoryHub();
    const [one, two, queueNode] = [
      await nodeNamed("one@localhost", hub.transport()),
      await nodeNamed("two@localhost", hub.transport()),
      await nodeNamed("queue@localhost", hub.transport()),
    ];
    for (const worker of [one, two]) await Application.start(worker, JobQueue, { queue: null });
    const queue = jobs(...["a", "b", "c", "d"].map((id) => ({ id, fn: "sleep", args: [200] })));
    const workers = [one.name, two.name];
    await Application.start(queueNode, JobQueue, { queue: { ...queue, ...limits, workers } });
    await expect.poll(async () => (await Task.Supervisor.children(two, tasks)).length).toBeGreaterThan(0);
    await two.stop();
    await expect.poll(() => Application.whichApplications(queueNode), { timeout: 20_000 }).toEqual([]);
    const values = Object.values(results(queue.folder));
    expect(values).toHaveLength(4);
    for (const value of values) expect(value).toMatchObject({ status: "done", value: "slept on one@localhost" });
  });
});
