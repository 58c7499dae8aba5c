/** Makes the shell a node: its name, its medium, and what it prints on. */
import { hostname } from "node:os";

import { ArgumentError, Node, type NodeOptions, type Stdio, TransportError } from "@otp/core";
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
  readonly withNats?: true;
}

/** What else a node is made of. */
export interface NodeParts {
  readonly stdio: Stdio;
  readonly logger: Logger;
  readonly trustRemoteCode: NonNullable<NodeOptions["trustRemoteCode"]>;
}

/** A node, and the server that was started for it. */
export interface StartedNode {
  readonly node: Node;
  readonly server: LocalServer | undefined;
}

const ordinaryUrl = "nats://127.0.0.1:4222";

/** Starts the node. @throws ArgumentError, TransportError or CookieError with a line that says what to do. */
export async function startNode(flags: NodeFlags, parts: NodeParts): Promise<StartedNode> {
  const name = nameOf(flags);
  if (name === undefined) return { node: await Node.start(parts), server: undefined };
  const url = flags.nats ?? ordinaryUrl;
  const begin = (): Promise<Node> =>
    Node.start({
      ...parts,
      name,
      transport: nats({ servers: url, cluster: flags.cluster }),
      hidden: flags.hidden === true,
      ...(flags.cookie === undefined ? {} : { cookie: flags.cookie }),
    });
  try {
    return { node: await begin(), server: undefined };
  } catch (error) {
    if (!(error instanceof TransportError) || !error.message.startsWith("There is no NATS server")) throw error;
    if (flags.withNats !== true) throw new TransportError(noServer(url), { cause: error });
  }
  const server = await startLocalServer({ port: portOf(url) });
  try {
    return { node: await begin(), server };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** The full name that the flags ask for; undefined for a node of its own. */
export function nameOf({ name, sname }: Pick<NodeFlags, "name" | "sname">): string | undefined {
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
