/** A node in the test and others in processes of their own, over a private nats-server. */
import { Node, type NodeOptions, type Process } from "@otp/core";
import { nats } from "@otp/transport-nats";
import { startLocalServer } from "@otp/transport-nats/local-server";
import { pino } from "pino";
import { onTestFinished } from "vitest";

import { osNode } from "./os-node.ts";

type LocalServer = Awaited<ReturnType<typeof startLocalServer>>;
type OsNode = ReturnType<typeof osNode>;

/** A record that a node has logged. */
export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** One cluster for one test; everything ends with it. */
export interface World {
  readonly server: LocalServer;
  readonly cluster: string;
  /** Starts a node in this process. */
  node(name: string, options?: NodeOptions): Promise<{ readonly node: Node; readonly logs: readonly LogLine[] }>;
  /** Starts a node in a process of its own and waits until it runs. */
  peer(name: string, options?: { readonly cookie?: string; readonly tickTimeMs?: number }): Promise<OsNode>;
}

const peerProgram = new URL("../fixtures/peer.ts", import.meta.url);

/** Starts a server and prepares a cluster that no other test knows. */
export async function world(): Promise<World> {
  const server = await startLocalServer();
  const cluster = `test_${String(process.pid)}_${String(server.port)}`;
  onTestFinished(() => server.stop());
  return {
    server,
    cluster,
    async node(name, options) {
      const logs: LogLine[] = [];
      const logger = pino({ level: "debug" }, { write: (line: string) => void logs.push(JSON.parse(line)) });
      const transport = nats({ servers: server.url, cluster });
      const node = await Node.start({ name, cookie: "test cookie", transport, logger, discover: true, ...options });
      onTestFinished(() => node.stop());
      return { node, logs };
    },
    async peer(name, { cookie = "test cookie", tickTimeMs } = {}) {
      const peer = osNode(peerProgram, {
        env: {
          NATS_URL: server.url,
          PEER_NAME: name,
          PEER_COOKIE: cookie,
          PEER_CLUSTER: cluster,
          ...(tickTimeMs === undefined ? {} : { PEER_TICK: String(tickTimeMs) }),
        },
      });
      onTestFinished(() => peer.kill());
      await peer.message((message): message is "ready" => message === "ready");
      return peer;
    },
  };
}

/** Runs `work` as a process of `node`; resolves with its result. */
export function inProcess<Result>(node: Node, work: (self: Process) => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    node.spawn(async (self: Process) => {
      await work(self).then(resolve, reject);
    });
  });
}
