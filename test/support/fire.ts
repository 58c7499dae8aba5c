/** A cluster to set fire to: nodes in processes of their own, each behind a fault proxy of its own, with a talker on each. */
import { startLocalServer } from "@otp/transport-nats/local-server";
import { afterAll, beforeAll, expect } from "vitest";

import { inventory, quieten, recordOf, startTalker, type TalkerOptions } from "../fixtures/fire-functions.ts";
import { listing } from "../fixtures/peer-functions.ts";
import { until } from "./clusters.ts";
import type { PlainOptions } from "./commands.ts";
import { type FaultProxy, startProxy } from "./fault-proxy.ts";
import { plain } from "./media.ts";
import { type HostedNode, type NodeHost, startHost } from "./node-host.ts";
import { faultsOf, missing, ownerFaults, type Record } from "./recorder.ts";

type LocalServer = Awaited<ReturnType<typeof startLocalServer>>;

/** Whether the long forms are asked for. */
export const isLong: boolean = process.env["OTP_LONG"] === "1";

if (!isLong)
  console.info(
    "Without OTP_LONG=1 the tests under faults take their short forms, and those that take minutes are left out.",
  );

/** How long a test under faults may take on a machine that has other things to do. */
export const patience: { readonly timeout: number } = { timeout: isLong ? 1_200_000 : 240_000 };

/** One place for a node: its process, and its way to the broker. */
export interface Place {
  readonly host: NodeHost;
  readonly proxy: FaultProxy;
}

/** A broker and places, for the tests of one file. */
export interface Ground {
  readonly server: LocalServer;
  readonly places: readonly Place[];
  /** Starts a node in each place, connects them all and lets them talk. */
  light(options?: PlainOptions, talk?: Partial<TalkerOptions>): Promise<Fire>;
}

/** Nodes that talk. */
export interface Fire {
  readonly cluster: string;
  readonly nodes: readonly HostedNode[];
  readonly names: readonly string[];
  /** Stops the talking, waits until everything has arrived, and checks the records of all nodes. */
  settle(): Promise<readonly Record[]>;
  /** The kinds of loss that the nodes have been told of. */
  losses(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const talking: TalkerOptions = { everyMs: 10, burst: 10, ties: true, claims: true };

/** Patient options of the NATS client: a cut is mended at once. */
export const eager = { pingInterval: 1_000, maxPingOut: 3, reconnectTimeWait: 50, reconnectJitter: 20, timeout: 2_000 };

/** Prepares a broker and `count` places before the tests of this file. */
export function ground(count: number): () => Ground {
  let made: Ground | undefined;
  let fires = 0;
  beforeAll(async () => {
    const server = await startLocalServer();
    const places = await Promise.all(
      Array.from({ length: count }, async () => ({ host: await startHost(), proxy: await startProxy(server.port) })),
    );
    made = {
      server,
      places,
      light: (options = {}, talk = {}) => {
        fires += 1;
        const cluster = `fire_${String(process.pid)}_${String(fires)}`;
        return light({ places, cluster, options: { ...plain, ...options }, talk: { ...talking, ...talk } });
      },
    };
  }, 240_000);
  afterAll(async () => {
    for (const { host, proxy } of made?.places ?? []) {
      await host.kill();
      await proxy.close();
    }
    await made?.server.stop();
  });
  return () => {
    if (made === undefined) throw new Error("the ground is not prepared");
    return made;
  };
}

interface Fuel {
  readonly places: readonly Place[];
  readonly cluster: string;
  readonly options: PlainOptions;
  readonly talk: TalkerOptions;
}

async function light({ places, cluster, options, talk }: Fuel): Promise<Fire> {
  const nodes = await Promise.all(
    places.map(({ host, proxy }, at) =>
      host.start(`n${String(at)}@host`, {
        options: { ...options, discover: true },
        medium: { servers: proxy.url, cluster, options: eager },
      }),
    ),
  );
  await meshed(nodes);
  await ignite(nodes, talk);
  return {
    nodes,
    cluster,
    names: nodes.map(({ name }) => name),
    settle: () => settle(nodes),
    losses: async () => {
      const records = await Promise.all(nodes.map((node) => node.ask(recordOf)));
      return records.flatMap(({ entries }) =>
        entries.flatMap((entry) => (entry.type === "down" ? [entry.reason] : [])),
      );
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

/** Lets nodes talk: they begin when everybody listens, for what is sent to a name that nobody has is lost. */
export async function ignite(nodes: readonly HostedNode[], talk: Partial<TalkerOptions> = {}): Promise<void> {
  for (const node of nodes) await node.ask(startTalker, { ...talking, ...talk });
  for (const node of nodes) await node.ask(quieten, false);
}

/** Waits until every node lists all others. */
export async function meshed(nodes: readonly HostedNode[]): Promise<void> {
  await until(async () => {
    const lists = await Promise.all(nodes.map((node) => node.ask(listing)));
    return lists.every((list) => list.length === nodes.length - 1);
  });
}

/** Stops the talking of these nodes, waits until everything has arrived, and checks the records. */
export async function settle(nodes: readonly HostedNode[]): Promise<readonly Record[]> {
  await meshed(nodes);
  for (const node of nodes) await node.ask(quieten, true);
  let records: readonly Record[] = [];
  const patience = Date.now() + 60_000;
  do {
    records = await Promise.all(nodes.map((node) => node.ask(recordOf)));
  } while (missing(records).length > 0 && Date.now() < patience);
  expect([...missing(records), ...records.flatMap(faultsOf)]).toEqual([]);
  const areOwned = records.some(({ entries }) => entries.some(({ type }) => type === "role"));
  if (areOwned)
    await until(async () => ownerFaults(await Promise.all(nodes.map((node) => node.ask(recordOf)))).length === 0);
  // The device, the talker, who has or wants a name, who asks, and what the talkers of the others are tied to.
  const processesMax = nodes.length + 12;
  for (const node of nodes) {
    await until(async () => (await node.ask(inventory)).processes <= processesMax);
    const { wrong } = await node.ask(inventory);
    expect(wrong).toEqual([]);
  }
  return records;
}

/** How many messages the records tell of. */
export function countOf(records: readonly Record[]): number {
  return records
    .flatMap(({ entries }) => entries)
    .reduce((sum, entry) => {
      return entry.type === "got" ? sum + entry.last - entry.first + 1 : sum;
    }, 0);
}

/**
 * Measures for how long this program wanted to run and was not let, so that a machine that is busy is not taken for a node that
 * is slow. `stop` tells how many ms that were.
 */
export function lateness(): { stop(): number } {
  const stepMs = 10;
  let lateMs = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    lateMs += Math.max(0, now - last - stepMs);
    last = now;
  }, stepMs);
  return {
    stop() {
      clearInterval(timer);
      return lateMs;
    },
  };
}

/** Waits in real time, while faults work. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
