/**
 * One cluster of what is not alike: peers with other features or another version of the protocol, and nodes on several versions of
 * Node.js. The others than the tests' own come from the registry, which takes a while, so that part runs when asked for (`OTP_LONG=1`).
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Node } from "@otp/core";
import { nats } from "@otp/transport-nats";
import { startLocalServer } from "@otp/transport-nats/local-server";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";

import { versionOf } from "../fixtures/fire-functions.ts";
import { until } from "../support/clusters.ts";
import { keepLines, type LogLine } from "../support/commands.ts";
import { countOf, eager, ignite, isLong, meshed, patience, pause, settle } from "../support/fire.ts";
import { plain } from "../support/media.ts";
import { startHost } from "../support/node-host.ts";
import { Outlaw, type OutlawOptions } from "../support/outlaw.ts";

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

/** What stands in a packet: process 1 of that peer sends `text` to the process that is called `name`. */
function hello(sequence: number, { peer, name, text }: { peer: string; name: string; text: string }): Uint8Array {
  const atom = (value: string): Uint8Array => Buffer.concat([Buffer.of(119, value.length), Buffer.from(value)]);
  const pid = Buffer.concat([Buffer.of(88), atom(peer), Buffer.of(0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 77)]);
  const term = Buffer.concat([Buffer.of(109, 0, 0, 0, text.length), Buffer.from(text)]);
  const head = Buffer.of(2, 0, 0, 0, 0, 0, sequence, 1);
  return Buffer.concat([head, Buffer.of(104, 4, 97, 6), pid, atom(""), atom(name), term]);
}

describe("fallacy: all nodes speak the same protocol", patience, () => {
  /** A node, and one of its peers that is what the wishes say. */
  async function meeting(wishes: Pick<OutlawOptions, "version" | "offers">): Promise<{
    readonly node: Node;
    readonly peer: Outlaw;
    readonly logs: readonly LogLine[];
  }> {
    const server = await startLocalServer();
    onTestFinished(() => server.stop());
    const transport = (): ReturnType<typeof nats> => nats({ servers: server.url, cluster: "features" });
    const logs: LogLine[] = [];
    const logger = pino({ level: "info" }, keepLines(logs));
    const node = await Node.start({ ...plain, name: "new@host", logger, transport: transport() });
    onTestFinished(() => node.stop());
    const peer = new Outlaw({
      transport: transport(),
      name: "other@host",
      target: node.name,
      cookie: "test cookie",
      stretch: { N: 2, r: 1, p: 1 },
      ...wishes,
    });
    await peer.open();
    onTestFinished(() => peer.close());
    await peer.meet();
    return { node, peer, logs };
  }

  it.each([
    ["no features", undefined],
    ["every feature, and says more of itself than is known", { features: 2 ** 32 - 1, more: Buffer.from("more") }],
  ])("NODE-20 a peer that offers %s is met with what both know, and heard", async (_title, offers) => {
    const { node, peer } = await meeting(offers === undefined ? {} : { offers });
    // What this node offers is all that the peer may use, and there is nothing that it has to.
    expect(peer.features).toBe(0);
    const heard: unknown[] = [];
    const catcher = node.spawn(async (self) => {
      for (;;) heard.push(await self.receive());
    });
    node.register("catcher", catcher);
    await until(() => node.list("hidden").includes("other@host"));
    peer.say(hello(1, { peer: "other@host", name: "catcher", text: "hi" }), true);
    await until(() => heard.length > 0);
    expect([heard, peer.ends, node.check()]).toEqual([["hi"], [], []]);
  });

  it.each([0, 2])(
    "a peer that speaks version %i is refused by name of the version that is spoken here",
    async (version) => {
      const { node, peer, logs } = await meeting({ version });
      expect([peer.isUp, peer.refusals[0]]).toEqual([false, { version: 1, reason: 2 }]);
      expect([node.list("known"), logs.map(({ event }) => event)]).toEqual([["new@host"], ["connection_rejected"]]);
      expect(logs[0]?.msg).toContain("another version of the protocol");
    },
  );
});

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
