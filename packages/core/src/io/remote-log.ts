/**
 * Log lines of processes that were started from another node: they appear here and there, as in Elixir.
 *
 * What such a process, or a report of its crash, writes to the log of its node is also sent to the node of its group
 * leader, whoever reads along there. Never further: what came from another node goes to the logger directly. Both ends
 * bound how much that may be, for a log must not become the load (LOG-6), and a peer must not fill our disk.
 */
import type { Logger } from "pino";

import { TokenBucket } from "../base/rate-limit.ts";

/** Records at once, and a second, that one node sends to another; the receiver is a little more patient. */
const burst = 100;
const perSecond = 20;
const patience = 2;
const longestLine = 16_384;
/** How many flows are kept: hidden nodes come and go unnoticed here. */
const mostFlows = 1_000;

const levels = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
type Level = (typeof levels)[number];

const hooks = Symbol.for("pino.hooks");

/** What forwarding needs of a node. */
export interface RemoteLogOptions {
  /** The logger that records of other nodes go to: without what this node adds to its own. */
  readonly logger: Logger;
  /** Monotonic time in ms. */
  readonly now: () => number;
  /** Sends a message to the log of another node, if it is connected; no connection is made for a log line. */
  readonly send: (node: string, message: ForwardedLine) => void;
}

/** A record on its way to another node. */
export interface ForwardedLine {
  readonly type: "log";
  /** As pino has written it. */
  readonly line: string;
  /** How many before it were left out. */
  readonly dropped?: number;
}

/** The share of a flow that is let through. */
class Flow {
  readonly #bucket: TokenBucket;
  dropped = 0;

  constructor(factor: number) {
    this.#bucket = new TokenBucket(burst * factor, perSecond * factor);
  }

  allows(now: number): boolean {
    if (this.#bucket.take(now)) return true;
    this.dropped += 1;
    return false;
  }

  /** How many were held back since this was asked last. */
  takeDropped(): number {
    const { dropped } = this;
    this.dropped = 0;
    return dropped;
  }
}

/** The log of one node as far as other nodes have a part in it. */
export class RemoteLog {
  readonly #options: RemoteLogOptions;
  readonly #outgoing = new Map<string, Flow>();
  readonly #incoming = new Map<string, Flow>();

  constructor(options: RemoteLogOptions) {
    this.#options = options;
  }

  /** Makes `logger`, a child made for this very purpose, write to the log of `node` as well. */
  follow(logger: Logger, node: string): Logger {
    onLine(logger, (line) => this.#send(node, line));
    return logger;
  }

  /** Writes a record that `peer` has sent; anything else is ignored. */
  accept(peer: string, message: unknown): void {
    const line = fieldOf(message, "line");
    if (typeof line !== "string" || line.length > longestLine) return;
    const flow = flowOf(this.#incoming, peer, patience);
    if (!flow.allows(this.#options.now())) return;
    // The sender's own pids are local to it alone.
    const record = parse(line.replaceAll(/#(PID|Reference)<0\./g, `#$1<${peer}.`));
    if (record === null) return;
    const { logger } = this.#options;
    const dropped = flow.takeDropped() + countOf(fieldOf(message, "dropped"));
    if (dropped > 0)
      logger.warn({ event: "log_dropped", node: peer, dropped }, `${dropped} log records of ${peer} were left out`);
    logger[record.level]({ ...record.fields, node: peer }, record.text);
  }

  /** The connection is lost: nothing is kept of it. */
  forget(peer: string): void {
    this.#outgoing.delete(peer);
    this.#incoming.delete(peer);
  }

  #send(node: string, line: string): void {
    const flow = flowOf(this.#outgoing, node, 1);
    if (!flow.allows(this.#options.now())) return;
    const dropped = flow.takeDropped();
    this.#options.send(node, { type: "log", line: shorten(line), ...(dropped > 0 ? { dropped } : {}) });
  }
}

function flowOf(flows: Map<string, Flow>, node: string, factor: number): Flow {
  let flow = flows.get(node);
  if (flow === undefined) {
    flow = new Flow(factor);
    const [oldest] = flows.keys();
    if (flows.size >= mostFlows && oldest !== undefined) flows.delete(oldest);
    flows.set(node, flow);
  }
  return flow;
}

/** Has each line that `logger` and its children write told to `take`; the logger goes on as before. */
function onLine(logger: Logger, take: (line: string) => void): void {
  const inherited: unknown = Reflect.get(logger, hooks);
  const before = fieldOf(inherited, "streamWrite");
  const streamWrite = (line: string): unknown => {
    take(line);
    return typeof before === "function" ? Reflect.apply(before, undefined, [line]) : line;
  };
  Object.defineProperty(logger, hooks, { value: { ...asObject(inherited), streamWrite } });
}

/** What is too long loses its fields first, then the end of its text. */
function shorten(line: string): string {
  if (line.length <= longestLine) return line;
  const record = parse(line);
  if (record === null) return "";
  const { level, text, fields } = record;
  const { event, pid, name, reason } = fields;
  const cut = (value: unknown): unknown => (typeof value === "string" ? value.slice(0, 1_000) : undefined);
  return JSON.stringify({
    level: 10 * (levels.indexOf(level) + 1),
    event: cut(event),
    pid: cut(pid),
    name: cut(name),
    reason: cut(reason),
    isShortened: true,
    msg: text.slice(0, 4_000),
  });
}

interface LogRecord {
  readonly level: Level;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A line of pino's; null when it is none. */
function parse(line: string): LogRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const { level, time: _time, hostname: _hostname, msg, ...fields } = asObject(value);
  const name = typeof level === "number" ? levels[Math.floor(level / 10) - 1] : undefined;
  return name === undefined ? null : { level: name, text: typeof msg === "string" ? msg : "", fields };
}

function countOf(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function fieldOf(value: unknown, field: string): unknown {
  return asObject(value)[field];
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
