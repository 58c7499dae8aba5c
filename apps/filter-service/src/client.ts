/** Asking the service from another node: in pieces, in order, never for ever, and of the next owner when one is lost. */
import { ArgumentError, formatReason, type Node, OtpError, type Pid, type Process, TIMEOUT } from "@otp/core";

import { type FilterPredicate, type FilterResult, FilterService, serviceName } from "./filter-service.ts";

/** The service could not do what it was asked for. */
export class FilterError extends OtpError {
  override readonly name = "FilterError";
  readonly code = "filter";
}

/** What to ask for. */
export interface FilterRequest {
  readonly items: readonly unknown[];
  readonly predicate: FilterPredicate;
  /** How long to wait for each piece, and for another owner when one is lost, in ms. */
  readonly timeoutMs: number;
  /** Items per message. */
  readonly pieceSize: number;
  /** Called as pieces are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What to wait for. */
export interface Search {
  readonly waitMs: number;
  /** An owner that was lost; another one is wanted, or the same if it is back. */
  readonly lost?: Pid;
}

/** How long the name of an owner that is gone may take to be free. */
const vanishMs = 500;
/** A piece that three owners in a row do not survive is not given to a fourth. */
const ownersMax = 3;

/** Waits until the service's name is known here, which takes a moment after connecting. */
export async function findService(node: Node, { waitMs, lost }: Search): Promise<Pid> {
  const began = node.monotonicTime();
  const deadline = began + waitMs;
  for (;;) {
    const pid = node.global.whereisName(serviceName);
    // If it is still there after a while, only the connection to it was lost.
    if (pid !== undefined && (pid !== lost || node.monotonicTime() > began + vanishMs)) return pid;
    if (node.monotonicTime() > deadline) throw new FilterError(await explainAbsence(node));
    await inProcess(node, (self) => self.sleep(25));
  }
}

/** Says why the service cannot be found: nobody there, a refused connection, or nodes without it. */
async function explainAbsence(node: Node): Promise<string> {
  const seen = await node.discover();
  if (seen.length === 0) return "no other node is in this cluster; start one with: filter-service serve";
  for (const other of seen) {
    const refusal = node.refusalOf(other);
    if (refusal?.kind === "cookie")
      return `${other} has another cookie; give the same one to both (--cookie or OTP_COOKIE)`;
    if (refusal !== undefined) return `cannot connect to ${other}: ${refusal.detail}`;
  }
  return `no FilterService is running on ${seen.join(", ")}; start one with: filter-service serve`;
}

/**
 * Filters `items` on the node where the service runs. When that is lost, what it has not answered is asked of the next owner:
 * to filter twice does no harm.
 */
export async function filterRemotely(node: Node, request: FilterRequest): Promise<unknown[]> {
  if (!Number.isInteger(request.pieceSize) || request.pieceSize < 1) {
    throw new ArgumentError(`expected a piece size of 1 or more. Got: ${request.pieceSize}`);
  }
  const work: Work = { request, kept: [], done: 0 };
  let search: Search = { waitMs: request.timeoutMs };
  for (let owners = 1; ; owners += 1) {
    const owner = await findService(node, search);
    const before = work.done;
    // A process for each owner: whatever a lost one had still to say finds nobody.
    const loss = await inProcess(node, (self) => ask(self, owner, work));
    if (loss === null) return work.kept;
    if (work.done > before) owners = 1;
    if (owners === ownersMax) throw new FilterError(`the FilterService is down: ${formatReason(loss.reason)}`);
    search = { waitMs: request.timeoutMs, lost: owner };
  }
}

interface Work {
  readonly request: FilterRequest;
  readonly kept: unknown[];
  /** How many items have been answered. */
  done: number;
}

/** Asks one owner for what is not done yet; null when all of it is. */
async function ask(self: Process, owner: Pid, work: Work): Promise<{ readonly reason: unknown } | null> {
  const { items, predicate, pieceSize, timeoutMs, onProgress } = work.request;
  self.monitor(owner);
  // One piece ahead keeps the service busy without holding the whole input twice.
  let asked = work.done;
  const askNext = (): void => {
    if (asked >= items.length) return;
    FilterService.filter(self, items.slice(asked, asked + pieceSize), predicate, owner);
    asked += pieceSize;
  };
  askNext();
  while (work.done < items.length) {
    askNext();
    const message = await self.receive(isAnswer, { after: timeoutMs });
    if (message === TIMEOUT) throw new FilterError(`the FilterService has not answered for ${timeoutMs} ms`);
    if (message.type === "DOWN") return message;
    if (message.type === "filter_failed")
      throw new FilterError(`the predicate failed: ${formatReason(message.reason)}`);
    work.kept.push(...message.results);
    work.done = Math.min(work.done + pieceSize, items.length);
    onProgress?.(work.done, items.length);
  }
  return null;
}

type Answer = FilterResult | { readonly type: "DOWN"; readonly reason: unknown };

function isAnswer(message: unknown): message is Answer {
  if (typeof message !== "object" || message === null || !("type" in message)) return false;
  return message.type === "filter_results" || message.type === "filter_failed" || message.type === "DOWN";
}

/** Runs `work` as a process of `node` and gives its result to code outside. */
export function inProcess<Result>(node: Node, work: (self: Process) => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    node.spawn(async (self: Process) => {
      // The outcome belongs to the caller, also when it is a failure.
      await work(self).then(resolve, reject);
    });
  });
}
