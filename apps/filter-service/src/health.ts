/**
 * The health endpoint: what an orchestrator or a load balancer asks over HTTP.
 *
 * `/live` answers 200 as long as the supervision tree runs: who gets no answer should restart the program. `/ready` answers 200
 * when this node knows its role and can be reached by the others, else 503: nothing is to be gained by a restart.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import type { Node } from "@otp/core";
import { type CastResult, GenServer, type InitResult, noreply, ok } from "@otp/genserver";

import { Standby } from "./standby.ts";

/** Where to listen. */
export interface HealthAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

interface Answer {
  readonly code: 200 | 404 | 405 | 503;
  readonly body: object;
}

/** Answers as long as it lives. */
export class Health extends GenServer<Server, { cast: never }, HealthAddress> {
  override async init({ host, port }: HealthAddress): Promise<InitResult<Server>> {
    const { node, pid, log, signal } = this.self;
    const server = createServer({ requestTimeout: 5_000 }, (request, response) => {
      answer(node, request).then(
        (reply) => write(response, request, reply),
        (error: unknown) => {
          log.error({ err: error }, "the health endpoint failed");
          write(response, request, { code: 503, body: { status: "failed" } });
        },
      );
    });
    server.listen(port, host);
    await once(server, "listening");
    // However it ends, nothing is left listening.
    signal.addEventListener("abort", () => {
      server.close();
      server.closeAllConnections();
    });
    server.on("error", (error) => node.sendExit(pid, error));
    const address = server.address();
    const where = typeof address === "object" && address !== null ? address.port : port;
    log.info({ event: "health", host, port: where }, `health endpoint on http://${host}:${where}/live and /ready`);
    return ok(server);
  }

  override handleInfo(_message: unknown, server: Server): CastResult<Server> {
    return noreply(server);
  }
}

async function answer(node: Node, { method, url = "/" }: IncomingMessage): Promise<Answer> {
  if (method !== "GET" && method !== "HEAD") return { code: 405, body: { status: "only GET and HEAD" } };
  const [path] = url.split("?");
  if (path === "/live") return { code: 200, body: { status: "live", node: node.name } };
  if (path !== "/ready") return { code: 404, body: { status: "not found; there are /live and /ready" } };
  const role = await Standby.role(node);
  const isReady = role.type !== "claiming" && node.isMediumUp;
  return {
    code: isReady ? 200 : 503,
    body: {
      status: isReady ? "ready" : "not ready",
      role: role.type,
      owner: role.type === "claiming" ? null : role.owner.node,
      node: node.name,
      nats: node.isMediumUp ? "up" : "down",
      peers: node.list(),
    },
  };
}

function write(response: ServerResponse, { method }: IncomingMessage, { code, body }: Answer): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(code, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    ...(code === 405 ? { allow: "GET, HEAD" } : {}),
  });
  response.end(method === "HEAD" ? "" : text);
}
