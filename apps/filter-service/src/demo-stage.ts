/** The stage of the demo: a client node here, a serving node in another OS process over NATS, or both in memory. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { memoryHub, Node } from "@otp/core";
import type { Transport } from "@otp/core/transport";
import { nats } from "@otp/transport-nats";
import { findNatsServer, startLocalServer } from "@otp/transport-nats/local-server";
import { pino } from "pino";

import { inProcess } from "./client.ts";
import { FilterService } from "./filter-service.ts";

/** Two nodes, ready to play. */
export interface Stage extends AsyncDisposable {
  readonly client: Node;
  readonly workerName: string;
  /** Ends the serving node without a goodbye, as far as the medium lets it. */
  killWorker(): Promise<void>;
}

const cookie = "a secret of this demo";
const clientName = "client@localhost";
const workerName = "worker@localhost";

/** Prepares the best stage that this machine allows, and says which. */
export async function setStage(say: (line: string) => void): Promise<Stage> {
  const url = process.env["NATS_URL"];
  if (url !== undefined) {
    say(`Two OS processes over NATS at ${url} (NATS_URL).`);
    return onNats(url, () => Promise.resolve());
  }
  const binary = findNatsServer();
  if (binary !== undefined) {
    const server = await startLocalServer({ binary });
    say(`Two OS processes over NATS: a private server, ${binary} on port ${server.port}.`);
    return onNats(server.url, () => server.stop());
  }
  say("Two nodes in this process, in memory: no NATS_URL and no nats-server found (Debian: apt install nats-server).");
  return inMemory();
}

async function onNats(url: string, stopServer: () => Promise<void>): Promise<Stage> {
  const cluster = `demo_${process.pid}`;
  const worker = fork(join(import.meta.dirname, "demo-worker.ts"), [workerName], {
    env: { ...process.env, NATS_URL: url, OTP_COOKIE: cookie, OTP_CLUSTER: cluster },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await ready(worker);
  const client = await startNode(clientName, nats({ servers: url, cluster }));
  return {
    client,
    workerName,
    killWorker: () => kill(worker),
    async [Symbol.asyncDispose](): Promise<void> {
      await kill(worker);
      await client.stop();
      await stopServer();
    },
  };
}

async function inMemory(): Promise<Stage> {
  const hub = memoryHub();
  const worker = await startNode(workerName, hub.transport());
  await serveOn(worker);
  const client = await startNode(clientName, hub.transport());
  await client.connect(workerName);
  return {
    client,
    workerName,
    killWorker: () => worker.stop(),
    async [Symbol.asyncDispose](): Promise<void> {
      await worker.stop();
      await client.stop();
    },
  };
}

/** A node of the demo, which keeps its log to warnings. */
export function startNode(name: string, transport: Transport): Promise<Node> {
  return Node.start({ name, cookie, transport, discover: true, logger: pino({ level: "warn" }, pino.destination(2)) });
}

/** Starts the service on `node` and resolves when it is there. */
export function serveOn(node: Node): Promise<void> {
  return new Promise((resolve, reject) => {
    inProcess(node, async (self) => {
      await FilterService.startLink(self);
      resolve();
      await self.sleep("infinity");
    }).catch(reject);
  });
}

async function ready(worker: ChildProcess): Promise<void> {
  const message = once(worker, "message");
  const gone = once(worker, "exit").then(() => {
    throw new Error("the serving process ended before it was ready");
  });
  await Promise.race([message, gone]);
}

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const gone = once(worker, "exit");
  worker.kill("SIGKILL");
  await gone;
}
