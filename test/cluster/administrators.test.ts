import { Node, type Process } from "@otp/core";
import type { Transport } from "@otp/core/transport";
import { nats } from "@otp/transport-nats";
import { startLocalServer } from "@otp/transport-nats/local-server";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";

import { inProcess, until } from "../support/clusters.ts";
import type { LogLine } from "../support/commands.ts";
import { patience } from "../support/fire.ts";
import { plain } from "../support/media.ts";

interface Started {
  readonly node: Node;
  readonly logs: readonly LogLine[];
}

async function start(transport: Transport, name: string, options: object = {}): Promise<Started> {
  const logs: LogLine[] = [];
  const logger = pino({ level: "debug" }, { write: (line: string) => void logs.push(JSON.parse(line)) });
  const node = await Node.start({ ...plain, name, logger, discover: true, ...options, transport });
  onTestFinished(() => node.stop());
  return { node, logs };
}

async function broker(): Promise<string> {
  const server = await startLocalServer();
  onTestFinished(() => server.stop());
  return server.url;
}

/** A transport whose invitations say that they are of another version of the protocol. */
function ofVersion(version: number, inner: Transport): Transport {
  return new Proxy(inner, {
    get: (of, key) => {
      if (key !== "send") {
        const value: unknown = Reflect.get(of, key);
        return typeof value === "function" ? (...args: unknown[]) => Reflect.apply(value, of, args) as unknown : value;
      }
      return (peer: string, bytes: Uint8Array) => {
        const changed = Uint8Array.from(bytes);
        if (isInvitation(changed)) changed[1] = version;
        of.send(peer, changed);
      };
    },
  });
}

const isInvitation = (bytes: Uint8Array): boolean => bytes[0] === 0x11;

describe("fallacy: there is one administrator", patience, () => {
  it("TR-5 two clusters on one NATS have the same names and know nothing of each other", async () => {
    const url = await broker();
    const nodes = await Promise.all(
      ["red", "blue"].flatMap((cluster) =>
        ["a@host", "b@host"].map((name) => start(nats({ servers: url, cluster }), name)),
      ),
    );
    await until(() => nodes.every(({ node }) => node.list().length === 1));
    for (const { node } of nodes) {
      expect(await node.discover()).toHaveLength(1);
      expect(await node.global.registerName("boss", node.spawn(forever))).toMatch(/^(yes|no)$/u);
    }
    const [redA, redB, blueA, blueB] = nodes.map(({ node }) => node);
    await until(() => redB?.global.whereisName("boss")?.node === redA?.name);
    expect([redA?.global.whereisName("boss")?.node, blueB?.global.whereisName("boss")?.node]).toEqual([
      "a@host",
      "a@host",
    ]);
    expect(blueA?.global.whereisName("boss")?.home.creation).not.toBe(redA?.global.whereisName("boss")?.home.creation);
    for (const { logs } of nodes) expect(logs.filter(({ level }) => level > 30)).toEqual([]);
  });

  it("NODE-7 TR-6 two cookies in one cluster make two meshes, with a few lines in the log", async () => {
    const url = await broker();
    const medium = (): Transport => nats({ servers: url, cluster: "shared" });
    const nodes = await Promise.all(
      ["a", "b", "c", "d"].map((name, at) => start(medium(), `${name}@host`, { cookie: `cookie ${String(at % 2)}` })),
    );
    await until(() => nodes.every(({ node }) => node.list().length === 1));
    expect(nodes.map(({ node }) => node.list())).toEqual([["c@host"], ["d@host"], ["a@host"], ["b@host"]]);
    const [first] = nodes;
    expect(await first?.node.ping("b@host")).toBe("pang");
    expect(first?.node.refusalOf("b@host")).toMatchObject({ kind: "cookie" });
    for (const { logs } of nodes) expect(logs.filter(({ level }) => level >= 50).length).toBeLessThanOrEqual(4);
  });

  it("a peer with an older version of the protocol is refused, and both sides say which", async () => {
    const url = await broker();
    const medium = (): Transport => nats({ servers: url, cluster: "versions" });
    const { node, logs } = await start(medium(), "new@host");
    const old = await start(ofVersion(0, medium()), "old@host", { discover: false });
    expect(await old.node.connect(node.name)).toBe(false);
    expect(old.node.refusalOf(node.name)).toMatchObject({
      kind: "refused",
      detail: expect.stringContaining("version"),
    });
    expect(logs.filter(({ level }) => level >= 50)).toMatchObject([
      { event: "connection_rejected", msg: expect.stringContaining("another version") },
    ]);
    expect(node.check()).toEqual([]);
  });

  it("different tick times on two sides harm nobody, nor does a wall clock that is wrong", async () => {
    const url = await broker();
    const medium = (): Transport => nats({ servers: url, cluster: "times" });
    const { node: quick, logs } = await start(medium(), "quick@host", { tickTimeMs: 400 });
    const { node: slow } = await start(medium(), "slow@host", { tickTimeMs: 60_000 });
    await until(() => quick.list().length === 1 && slow.list().length === 1);
    const { now } = Date;
    Date.now = () => now() - 3_600_000;
    onTestFinished(() => {
      Date.now = now;
    });
    await inProcess(quick, (self: Process) => self.sleep(1_500));
    expect([quick.list(), slow.list()]).toEqual([[slow.name], [quick.name]]);
    expect(logs.filter(({ event }) => event === "nodedown")).toEqual([]);
  });
});

const forever = async (self: Process): Promise<void> => {
  await self.sleep("infinity");
};
