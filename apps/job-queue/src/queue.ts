/**
 * The queue: reads the file no faster than jobs are done, leaves out what is finished, and says when all is.
 */
import { type FileHandle, open } from "node:fs/promises";

import { ArgumentError, type Process } from "@otp/core";
import {
  type CastResult,
  DynamicSupervisor,
  GenServer,
  type InitResult,
  noreply,
  ok,
  type ServerPid,
  startLink,
} from "@otp/genserver";

import { parseJob } from "./job.ts";
import { finishedJobs, type JobResult, writeResult } from "./results.ts";
import { queueName, Runner, type RunnerOptions } from "./runner.ts";

/** What the queue works on. */
export interface QueueOptions extends RunnerOptions {
  readonly file: string;
  /** How many jobs may be in the works at once. */
  readonly concurrency: number;
  /** Called when every job of the file is finished. */
  readonly onEnd: (self: Process, tally: Tally) => void;
}

/** What has come of the jobs of this run; `skipped` are those of earlier ones. */
export interface Tally {
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
}

interface State {
  readonly options: QueueOptions;
  readonly lines: AsyncIterator<string>;
  readonly finished: Set<string>;
  readonly running: ReadonlySet<string>;
  readonly turn: number;
  readonly isRead: boolean;
  readonly tally: Tally;
}

/** A job is finished. */
export interface FinishedMessage {
  readonly type: "finished";
  readonly id: string;
  readonly status: JobResult["status"];
}

/** The supervisor of the jobs in the works. */
export const runners = "job_runners";

/** The process that is the queue. */
export class Queue extends GenServer<State, { cast: FinishedMessage }, QueueOptions> {
  /** Starts the queue of this node. */
  static startLink(self: Process, options: QueueOptions): Promise<ServerPid<{ cast: FinishedMessage }>> {
    return startLink(self, Queue, options, { name: queueName });
  }

  override async init(options: QueueOptions): Promise<InitResult<State>> {
    const finished = await finishedJobs(options.folder);
    const file = await openJobs(options.file);
    // However the queue ends, the file is not left open.
    this.self.signal.addEventListener("abort", () => void file.close());
    const lines = file.readLines({ encoding: "utf8" })[Symbol.asyncIterator]();
    const tally = { done: 0, failed: 0, skipped: 0 };
    const state = { options, lines, finished, running: new Set<string>(), turn: 0, isRead: false, tally };
    return ok(state, { continue: "fill" });
  }

  override handleContinue(_fill: unknown, state: State): Promise<CastResult<State>> {
    return this.#fill(state);
  }

  override handleCast({ id, status }: FinishedMessage, state: State): Promise<CastResult<State>> {
    state.finished.add(id);
    const running = new Set([...state.running].filter((other) => other !== id));
    return this.#fill({ ...state, running, tally: counted(state.tally, status) });
  }

  /** Takes jobs while there is room for them. */
  async #fill(before: State): Promise<CastResult<State>> {
    let state = before;
    while (!state.isRead && state.running.size < state.options.concurrency) state = await this.#takeLine(state);
    if (state.isRead && state.running.size === 0) state.options.onEnd(this.self, state.tally);
    return noreply(state);
  }

  async #takeLine(state: State): Promise<State> {
    const next: IteratorResult<string, unknown> = await state.lines.next();
    if (next.done === true) return { ...state, isRead: true };
    const line = next.value;
    const turn = state.turn + 1;
    if (line.trim() === "") return { ...state, turn };
    const job = parseJob(line);
    const id = typeof job === "string" ? `line-${turn}` : job.id;
    // Also a second job of the same id, of which there can be one result only.
    if (state.finished.has(id) || state.running.has(id)) {
      return { ...state, turn, tally: counted(state.tally, "skipped") };
    }
    if (typeof job === "string") {
      await writeResult(state.options.folder, { id, status: "failed", attempts: 0, error: job });
      state.finished.add(id);
      return { ...state, turn, tally: counted(state.tally, "failed") };
    }
    const { onEnd: _onEnd, file: _file, concurrency: _concurrency, ...options } = state.options;
    const started = await DynamicSupervisor.startChild(this.self, runners, [Runner, { job, turn, options }]);
    if (!started.ok) throw new Error(`job ${id} could not be started`);
    return { ...state, turn, running: new Set([...state.running, id]) };
  }
}

function counted(tally: Tally, status: keyof Tally): Tally {
  return { ...tally, [status]: tally[status] + 1 };
}

async function openJobs(file: string): Promise<FileHandle> {
  try {
    return await open(file);
  } catch (error) {
    if (error instanceof Error) throw new ArgumentError(`cannot read ${file}: ${error.message}`, { cause: error });
    throw error;
  }
}
