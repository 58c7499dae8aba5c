/**
 * Clusters for tests that must hold over every medium (TR-9): over memory and over NATS within this process, and over NATS with
 * the other nodes in a process of their own.
 */
import { memoryHub, Node, type NodeOptions, type Process, type RemoteFunction } from "@otp/core";
import { nats } from "@otp/transport-nats";
import { startLocalServer } from "@otp/transport-nats/local-server";
import { pino } from "pino";
import { afterAll, beforeAll, onTestFinished } from "vitest";

import { inProcess } from "./clusters.ts";
import { keepLines, type LogLine, type PlainOptions } from "./commands.ts";
import { type NodeHost, startHost } from "./node-host.ts";

/** Another node, wherever it runs. */
export interface Other {
  readonly name: string;
  /** Runs `fn` as a process of it; arguments and result go through JSON where it is in another process. */
  ask<Args extends readonly unknown[], Result>(
    fn: RemoteFunction<(self: Process, ...args: Args) => Result | Promise<Result>>,
    ...args: Args
  ): Promise<Result>;
  logs(): Promise<readonly LogLine[]>;
  stop(): Promise<void>;
}

/** A node of this process, with what it has logged. */
export interface Near {
  readonly node: Node;
  readonly logs: readonly LogLine[];
}

/** A cluster of one test; its nodes end with it. */
export interface Scene {
  /** Starts a node in this process. */
  near(name: string, options?: NodeOptions): Promise<Near>;
  /** Starts a node where the medium has its other nodes. */
  far(name: string, options?: PlainOptions): Promise<Other>;
  /** What makes a node part of the cluster. */
  transport(): NonNullable<NodeOptions["transport"]>;
  /** Where its datagrams can be seen by others, if they can. */
  readonly wire: { readonly servers: string; readonly cluster: string } | undefined;
}

/** How the nodes of a scene are connected. */
export type MediumTitle = "memory" | "NATS in one process" | "NATS between two processes";

/** All of them. */
export const media: readonly MediumTitle[] = ["memory", "NATS in one process", "NATS between two processes"];

/** Those where the same must hold that `test/semantics` proves over memory. */
export const overNats: readonly MediumTitle[] = ["NATS in one process", "NATS between two processes"];

/** What scenes are started with unless they say otherwise. */
export const plain: PlainOptions = { cookie: "test cookie", stretch: { N: 2, r: 1, p: 1 } };

let scenes = 0;

/** Prepares a medium for the tests of this `describe`; the function starts a scene for one test. */
export function mediumOf(title: MediumTitle): () => Scene {
  let server: Awaited<ReturnType<typeof startLocalServer>> | undefined;
  let host: NodeHost | undefined;
  if (title !== "memory") {
    beforeAll(async () => {
      server = await startLocalServer();
      if (title === "NATS between two processes") host = await startHost();
    });
    afterAll(async () => {
      await host?.kill();
      await server?.stop();
    });
  }
  return () => {
    scenes += 1;
    const hub = memoryHub();
    const medium = { servers: server?.url ?? "", cluster: `scene_${String(process.pid)}_${String(scenes)}` };
    const transport = (): NonNullable<NodeOptions["transport"]> =>
      title === "memory" ? hub.transport() : nats(medium);
    const near = (name: string, options?: NodeOptions): Promise<Near> =>
      startNear(name, { transport: transport(), ...options });
    return {
      transport,
      wire: title === "memory" ? undefined : medium,
      near,
      async far(name, options) {
        if (host === undefined) return otherIn(await near(name, options));
        return host.start(name, { options: { ...plain, ...options }, medium });
      },
    };
  };
}

async function startNear(name: string, options: NodeOptions): Promise<Near> {
  const logs: LogLine[] = [];
  const logger = pino({ level: "debug" }, keepLines(logs));
  const node = await Node.start({ name, ...plain, logger, ...options });
  onTestFinished(() => node.stop());
  return { node, logs };
}

function otherIn({ node, logs }: Near): Other {
  return {
    name: node.name,
    ask: (fn, ...args) => inProcess(node, (self) => fn(self, ...args)),
    logs: async () => logs,
    stop: () => node.stop(),
  };
}
