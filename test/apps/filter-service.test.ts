import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

import { patience } from "../support/fire.ts";
import { sharedNatsServer } from "../support/nats-server.ts";
import { osNode } from "../support/os-node.ts";

const program = new URL("../../apps/filter-service/src/main.ts", import.meta.url);
const lockFile = join(import.meta.dirname, "../../package-lock.json");
const { url } = sharedNatsServer();

/** Runs the command to its end. */
async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; lines: readonly string[] }> {
  await using command = osNode(program, {
    args,
    patienceMs: 60_000,
    env: { NATS_URL: url(), OTP_COOKIE: "right", OTP_CLUSTER: "cli", OTP_LOG: "silent", ...env },
  });
  const { code } = await command.exit();
  return { code, lines: [...command.lines] };
}

function textFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "otp-filter-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "in.txt");
  writeFileSync(file, text);
  return file;
}

describe("the command filter-service", patience, () => {
  it("explains itself", async () => {
    const { code, lines } = await run(["filter", "--help"]);
    expect(code).toBe(0);
    expect(lines.join("\n")).toContain("has:FIELD");
  });

  it("filters lines and records on a worker in another process, which SIGTERM stops in order", async () => {
    await using worker = osNode(program, {
      args: ["serve", "--name", "worker@localhost"],
      patienceMs: 60_000,
      env: { NATS_URL: url(), OTP_COOKIE: "right", OTP_CLUSTER: "cli" },
    });
    await worker.line("FilterService is ready on worker@localhost");

    const lines = await run(["filter", "-w", "contains:foo", textFile("foo\nbar\nfoobar\n")]);
    expect(lines).toEqual({ code: 0, lines: ["foo", "foobar"] });

    const records = await run(["filter", "--json", "--at", "packages", "-w", "eq:license:MIT", lockFile]);
    expect(records.code).toBe(0);
    const kept: unknown = JSON.parse(records.lines.join("\n"));
    expect(Object.keys(Object(kept)).length).toBeGreaterThan(3);

    const wrong = await run(["filter", "-w", "contains:a", textFile("a\n")], { OTP_COOKIE: "wrong" });
    expect(wrong.code).toBe(1);
    expect(wrong.lines).toHaveLength(1);
    expect(wrong.lines[0]).toMatch(/worker@localhost has another cookie/u);

    const second = await run(["serve", "--name", "worker@localhost"]);
    expect(second).toMatchObject({ code: 1, lines: [expect.stringContaining("already in use")] });

    worker.signal("SIGTERM");
    expect(await worker.exit()).toEqual({ code: 0, signal: null });
  });

  it.each([
    { fault: "an unknown predicate", args: ["-w", "nonsense:1"], says: /bad predicate "nonsense:1"/u },
    { fault: "a broken regular expression", args: ["-w", "matches:("], says: /bad predicate/u },
    { fault: "no predicate", args: [], says: /required option '-w/u },
    { fault: "no such file", args: ["-w", "has:a", "/nonexistent"], says: /cannot read \/nonexistent/u },
    {
      fault: "no such path",
      args: ["-w", "has:a", "--json", lockFile, "--at", "nowhere"],
      says: /there is no "nowhere"/u,
    },
    { fault: "no JSON", args: ["-w", "has:a", "--json", program.pathname], says: /the input is no JSON/u },
    { fault: "no NATS", args: ["-w", "has:a", "--nats", "nats://127.0.0.1:1", lockFile], says: /no NATS server at/u },
    {
      fault: "nobody there",
      args: ["-w", "has:a", "--cluster", "empty", lockFile],
      says: /no other node is in this cluster/u,
    },
  ])("$fault ends it with one clear line and a failure", async ({ args, says }) => {
    const { code, lines } = await run(["filter", ...args]);
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(says);
  });
});
