/**
 * One cluster of nodes on several versions of Node.js. The others than the tests' own come from the registry, which takes a while, so
 * this runs when asked for (`OTP_LONG=1`).
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startLocalServer } from "@otp/transport-nats/local-server";
import { describe, expect, it, onTestFinished } from "vitest";

import { versionOf } from "../fixtures/fire-functions.ts";
import { countOf, eager, ignite, isLong, meshed, patience, pause, settle } from "../support/fire.ts";
import { plain } from "../support/media.ts";
import { startHost } from "../support/node-host.ts";

/** Installs a version of Node.js for this test alone; its program. */
function nodeOf(version: string): string {
  const folder = mkdtempSync(join(tmpdir(), "otp-node-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { status, stderr } = spawnSync(
    "npm",
    ["install", "--prefix", folder, "--no-audit", "--no-fund", `node@${version}`],
    {
      encoding: "utf8",
    },
  );
  const program = join(folder, "node_modules", "node", "bin", "node");
  if (status !== 0 || !existsSync(program)) throw new Error(`node ${version} could not be installed: ${stderr}`);
  return program;
}

describe.runIf(isLong)("fallacy: the network is homogeneous", patience, () => {
  it("TR-9 Node 20, 22 and 24 form one cluster and lose nothing", async () => {
    const server = await startLocalServer();
    onTestFinished(() => server.stop());
    const programs = [process.execPath, nodeOf("22"), nodeOf("24")];
    const hosts = await Promise.all(programs.map((execPath) => startHost({ execPath })));
    onTestFinished(async () => {
      for (const host of hosts) await host.kill();
    });
    const medium = { servers: server.url, cluster: "mixed", options: eager };
    const nodes = await Promise.all(
      hosts.map((host, at) => host.start(`n${String(at)}@host`, { options: { ...plain, discover: true }, medium })),
    );
    await meshed(nodes);
    const versions = await Promise.all(nodes.map((node) => node.ask(versionOf)));
    expect(new Set(versions.map((version) => version.split(".")[0])).size).toBe(3);
    await ignite(nodes);
    await pause(3_000);
    const records = await settle(nodes);
    expect(countOf(records)).toBeGreaterThan(1_000);
    expect(records.flatMap(({ entries }) => entries.filter(({ type }) => type === "down"))).toEqual([]);
  });
});
