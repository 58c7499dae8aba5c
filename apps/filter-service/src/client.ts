/** Asking the service from another node: in pieces, in order, and never for ever. */
import { ArgumentError, formatReason, type Node, OtpError, type Process, TIMEOUT } from "@otp/core";

import { type FilterPredicate, type FilterResult, FilterService } from "./filter-service.ts";

/** The service could not do what it was asked for. */
export class FilterError extends OtpError {
  override readonly name = "FilterError";
  readonly code = "filter";
}

/** What to ask for. */
export interface FilterRequest {
  readonly items: readonly unknown[];
  readonly predicate: FilterPredicate;
  /** How long to wait for each piece, in ms. */
  readonly timeoutMs: number;
  /** Items per message. */
  readonly pieceSize: number;
  /** Called as pieces are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Waits until the service's name is known here, which takes a moment after connecting. */
export async function findService(node: Node, waitMs: number): Promise<void> {
  const deadline = node.monotonicTime() + waitMs;
  while (node.global.whereisName(serviceName) === undefined) {
    if (node.monotonicTime() > deadline) throw new FilterError(await explainAbsence(node));
    await inProcess(node, (self) => self.sleep(25));
  }
}

const serviceName = "FilterService";

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

/** Filters `items` on the node where the service runs. */
export function filterRemotely(node: Node, request: FilterRequest): Promise<unknown[]> {
  if (!Number.isInteger(request.pieceSize) || request.pieceSize < 1) {
    throw new ArgumentError(`expected a piece size of 1 or more. Got: ${request.pieceSize}`);
  }
  return inProcess(node, (self) => ask(self, request));
}

async function ask(self: Process, request: FilterRequest): Promise<unknown[]> {
  const { items, predicate, pieceSize, timeoutMs, onProgress } = request;
  const pid = self.node.global.whereisName(serviceName);
  if (pid === undefined) throw new FilterError("the FilterService has gone");
  const ref = self.monitor(pid);
  const kept: unknown[] = [];
  // One piece ahead keeps the service busy without holding the whole input twice.
  let asked = 0;
  const askNext = (): void => {
    if (asked >= items.length) return;
    FilterService.filter(self, items.slice(asked, asked + pieceSize), predicate);
    asked += pieceSize;
  };
  askNext();
  for (let done = 0; done < items.length; done += pieceSize) {
    askNext();
    const message = await self.receive(isAnswer, { after: timeoutMs });
    if (message === TIMEOUT) throw new FilterError(`the FilterService has not answered for ${timeoutMs} ms`);
    if (message.type === "DOWN") throw new FilterError(`the FilterService is down: ${formatReason(message.reason)}`);
    if (message.type === "filter_failed")
      throw new FilterError(`the predicate failed: ${formatReason(message.reason)}`);
    kept.push(...message.results);
    onProgress?.(Math.min(done + pieceSize, items.length), items.length);
  }
  self.demonitor(ref, { flush: true });
  return kept;
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
