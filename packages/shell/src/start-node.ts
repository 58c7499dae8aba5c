/** Makes the shell a node: its name, its medium, and what it prints on. */
import { hostname } from "node:os";

import { ArgumentError, type DistributionStart, Node, type NodeOptions, type Stdio, TransportError } from "@otp/core";
import { nats } from "@otp/transport-nats";
import { type LocalServer, startLocalServer } from "@otp/transport-nats/local-server";
import type { Logger } from "pino";

/** What the command line says about the node. */
export interface NodeFlags {
  readonly name?: string;
  readonly sname?: string;
  readonly cookie?: string;
  readonly nats?: string;
  readonly cluster: string;
  readonly hidden?: true;
  readonly allowOverlappingPartitions?: true;
  readonly withNats?: true;
  readonly remsh?: string;
}

/** What else a node is made of. */
export interface NodeParts {
  readonly stdio: Stdio;
  readonly logger: Logger;
  readonly trustRemoteCode: NonNullable<NodeOptions["trustRemoteCode"]>;
}

/** A node, and how it becomes part of a cluster. */
export interface StartedNode {
  readonly node: Node;
  /** Gives the node a name, as the flags say; with this host, where the name has none. */
  readonly begin: (name: string) => Promise<"ok" | "already_started">;
  /** Stops the node, and the server that was started for it. */
  readonly stop: () => Promise<void>;
}

const ordinaryUrl = "nats://127.0.0.1:4222";

/** Starts the node. @throws ArgumentError, TransportError or CookieError with a line that says what to do. */
export async function startNode(flags: NodeFlags, parts: NodeParts): Promise<StartedNode> {
  let server: LocalServer | undefined;
  const connected = async <Result>(
    name: string,
    begin: (start: DistributionStart) => Promise<Result>,
  ): Promise<Result> => {
    const url = flags.nats ?? ordinaryUrl;
    const start = (): Promise<Result> =>
      begin({
        name,
        transport: nats({ servers: url, cluster: flags.cluster }),
        hidden: flags.hidden === true,
        preventOverlappingPartitions: flags.allowOverlappingPartitions !== true,
        ...(flags.cookie === undefined ? {} : { cookie: flags.cookie }),
      });
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof TransportError) || !error.message.startsWith("There is no NATS server")) throw error;
      if (flags.withNats !== true) throw new TransportError(noServer(url), { cause: error });
    }
    const started = await startLocalServer({ port: portOf(url) });
    try {
      const result = await start();
      server = started;
      return result;
    } catch (error) {
      await started.stop();
      throw error;
    }
  };
  const name = nameOf(flags);
  const node =
    name === undefined ? await Node.start(parts) : await connected(name, (start) => Node.start({ ...parts, ...start }));
  return {
    node,
    begin: async (sname) => {
      const full = nameOf({ sname }) ?? sname;
      return node.isAlive ? "already_started" : connected(full, (start) => node.startDistribution(start));
    },
    stop: async () => {
      await node.stop();
      await server?.stop();
    },
  };
}

/** The full name that the flags ask for; undefined for a node of its own. */
export function nameOf({ name, sname, remsh }: Pick<NodeFlags, "name" | "sname" | "remsh">): string | undefined {
  if (remsh !== undefined && name === undefined && sname === undefined) return `rem${process.pid}@${shortHost()}`;
  if (sname !== undefined) {
    const full = sname.includes("@") ? sname : `${sname}@${shortHost()}`;
    if (/@.*\./u.test(full)) {
      throw new ArgumentError(`--sname takes a host without dots; use --name ${full} for a fully qualified one`);
    }
    return full;
  }
  if (name !== undefined && !name.includes("@")) {
    throw new ArgumentError(
      `--name takes a name with its host, as ${name}@host.example; --sname ${name} adds this host`,
    );
  }
  return name;
}

function shortHost(): string {
  return hostname().split(".")[0] ?? "localhost";
}

function noServer(url: string): string {
  return `no NATS server at ${url}: name another with --nats URL or NATS_URL, let this shell start one with --with-nats, or install and start Debian's package nats-server`;
}

function portOf(url: string): number {
  const port = /:(\d+)\/?$/u.exec(url)?.[1];
  return port === undefined ? 4222 : Number(port);
}
