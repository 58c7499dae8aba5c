/** FilterService as it is deployed: workers in processes of their own, and somebody who uses them all the time. */
import { request } from "node:http";

import { Node } from "@otp/core";
import { FilterError, filterRemotely, findService } from "@otp/filter-service/client";
import { parsePredicate } from "@otp/filter-service/predicates";
import { nats } from "@otp/transport-nats";
import { pino } from "pino";

import { until } from "./clusters.ts";
import { pause } from "./fire.ts";
import { osNode, type OsNode } from "./os-node.ts";

const program = new URL("../../apps/filter-service/src/main.ts", import.meta.url);
const cookie = "of the workers";

/** What workers and clients of one test have in common. */
export interface Settings {
  readonly servers: string;
  readonly cluster: string;
  readonly tickTimeMs: number;
}

/** What `/ready` says. */
export interface Readiness {
  readonly code: number;
  readonly role: string;
  readonly owner: string | null;
  readonly nats: string;
  readonly peers: readonly string[];
}

/** A worker that runs. */
export interface Worker {
  readonly name: string;
  readonly os: OsNode;
  /** Asks its health endpoint; undefined when there is no answer. */
  get(path: string, method?: string): Promise<{ readonly code: number; readonly body: unknown } | undefined>;
  ready(): Promise<Readiness | undefined>;
  /** What it has logged under that event. */
  events(event: string): readonly Readonly<Record<string, unknown>>[];
}

/** Starts the program and waits until it answers HTTP. */
export async function startWorker(name: string, { servers, cluster, tickTimeMs }: Settings): Promise<Worker> {
  const os = osNode(program, {
    args: ["serve", "--name", name],
    env: {
      NATS_URL: servers,
      OTP_CLUSTER: cluster,
      OTP_COOKIE: cookie,
      OTP_TICK_TIME: String(tickTimeMs),
      OTP_LOG: "info",
      FILTER_HEALTH: "0",
    },
    patienceMs: 180_000,
  });
  const [, port = ""] = /127\.0\.0\.1:(\d+)\/live/u.exec(await os.line('"event":"health"')) ?? [];
  const get: Worker["get"] = (path, method = "GET") => ask(`http://127.0.0.1:${port}${path}`, method);
  return {
    name,
    os,
    get,
    async ready() {
      const answer = await get("/ready");
      return answer === undefined ? undefined : { ...(answer.body as Readiness), code: answer.code };
    },
    events: (event) =>
      os.lines
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((record) => record["event"] === event),
  };
}

/** Waits until one of these workers has the service and the others stand by for it, all ready; the one. */
export async function settled(workers: readonly Worker[]): Promise<Worker> {
  const patience = Date.now() + 150_000;
  for (;;) {
    const answers = await Promise.all(workers.map((worker) => worker.ready()));
    const owner = workers.find((_, at) => answers[at]?.role === "owner");
    const isAgreed = answers.every(
      (answer, at) =>
        answer?.code === 200 &&
        answer.owner === owner?.name &&
        answer.role === (workers[at] === owner ? "owner" : "standby") &&
        workers.every(({ name }, other) => other === at || answer.peers.includes(name)),
    );
    if (owner !== undefined && isAgreed) return owner;
    if (Date.now() > patience) {
      throw new Error(`the workers do not agree: ${JSON.stringify(answers)}
${workers.map(({ os }) => os.lines.slice(-20).join("\n")).join("\n\n")}`);
    }
    await pause(20);
  }
}

/** A client that has things filtered one after the other, without a pause. */
export interface Client extends AsyncDisposable {
  readonly node: Node;
  /** How many answers it has got. */
  answers(): number;
  /** Ends it; whatever it was told went wrong, and the longest that it has waited for an answer in ms. */
  end(): Promise<{ readonly failures: readonly string[]; readonly longestMs: number }>;
}

/** Starts a client and waits for its first answer. */
export async function startClient({ servers, cluster, tickTimeMs }: Settings): Promise<Client> {
  const node = await Node.start({
    name: "client@host",
    cookie,
    transport: nats({ servers, cluster }),
    logger: pino({ level: "silent" }),
    tickTimeMs,
    discover: true,
  });
  const predicate = parsePredicate("contains:b");
  const failures: string[] = [];
  let answers = 0;
  let longestMs = 0;
  const over = new AbortController();
  await findService(node, { waitMs: 60_000 });
  const work = (async () => {
    while (!over.signal.aborted) {
      const began = performance.now();
      try {
        const wish = { items: ["a", "b"], predicate, timeoutMs: 60_000, pieceSize: 1 };
        const kept = await filterRemotely(node, wish);
        if (kept.join(" ") !== "b") failures.push(`wrong answer: ${kept.join(" ")}`);
        answers += 1;
      } catch (error) {
        if (!(error instanceof FilterError)) throw error;
        failures.push(error.message);
      }
      longestMs = Math.max(longestMs, performance.now() - began);
    }
  })();
  await until(() => answers > 0);
  const end: Client["end"] = async () => {
    over.abort();
    await work;
    await node.stop();
    return { failures, longestMs: Math.round(longestMs) };
  };
  return {
    node,
    answers: () => answers,
    end,
    async [Symbol.asyncDispose](): Promise<void> {
      await end();
    },
  };
}

function ask(url: string, method: string): Promise<{ readonly code: number; readonly body: unknown } | undefined> {
  return new Promise((resolve) => {
    const asking = request(url, { method, agent: false, timeout: 2_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.on("end", () =>
        resolve({ code: response.statusCode ?? 0, body: text === "" ? null : JSON.parse(text) }),
      );
    });
    asking.on("timeout", () => asking.destroy());
    asking.on("error", () => resolve(undefined));
    asking.end();
  });
}
