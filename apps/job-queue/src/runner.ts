/**
 * One job in the works: waiting for its next attempt, or running as a task, which may be on another node. What goes wrong with
 * the task, or with its node, is a failed attempt and nothing worse.
 */
import { ArgumentError, formatReason, OtpError, type Ref } from "@otp/core";
import {
  cast,
  GenStateMachine,
  keepStateAndData,
  type MachineEvent,
  type MachineOutcome,
  nextState,
  stopMachine,
  Task,
} from "@otp/genserver";

import { functions, type Job } from "./job.ts";
import { type JobResult, writeResult } from "./results.ts";

/** How jobs are run. */
export interface RunnerOptions {
  readonly folder: string;
  readonly maxAttempts: number;
  /** How long to wait after the first failure, in ms; twice as long after each further one. */
  readonly backoffMs: number;
  /** How long an attempt may take, in ms. */
  readonly timeoutMs: number;
  /** The nodes that do the work, in turn; none: this one. */
  readonly workers: readonly string[];
}

/** A job and how to run it. */
export interface RunnerPlan {
  readonly job: Job;
  /** Where in the file it is, which decides who begins with it. */
  readonly turn: number;
  readonly options: RunnerOptions;
}

type State = "waiting" | "running";

interface Data extends RunnerPlan {
  readonly attempt: number;
  readonly task: Task | null;
}

type Protocol = { readonly cast: never };
type Event = MachineEvent<State, Protocol>;
type Outcome = MachineOutcome<State, Data>;

/** Where jobs are run, on each node. */
export const tasks = "job_tasks";
/** Who hears what came of them. */
export const queueName = "job_queue";

/** The state machine of one job. */
export class Runner extends GenStateMachine<State, Data, Protocol, RunnerPlan> {
  static override readonly childOptions = { restart: "transient" } as const;

  override readonly states: { readonly [Name in State]: (event: Event, data: Data) => Outcome } = {
    waiting: (event, data) => (event.type === "stateTimeout" ? this.#begin(data) : keepStateAndData()),
    running: (event, data) => {
      if (event.type === "stateTimeout") {
        if (data.task !== null && data.task.pid !== null) this.self.sendExit(data.task.pid, "kill");
        return this.#failed(data, `no end within ${data.options.timeoutMs} ms`);
      }
      const { message }: { readonly message?: unknown } = event.type === "info" ? event : {};
      if (!isNews(message) || message.ref !== data.task?.ref) return keepStateAndData();
      if (message.type === "DOWN") return this.#failed(data, formatReason(message.reason));
      this.self.demonitor(message.ref, { flush: true });
      const { attempt: attempts, job } = data;
      return this.#finished(data, { id: job.id, status: "done", attempts, value: message.result ?? null });
    },
  };

  override init(plan: RunnerPlan): Outcome {
    const data: Data = { ...plan, attempt: 0, task: null };
    // A failing task is a failed attempt; a runner that ends takes its task along all the same, for they are linked.
    this.self.trapExit = true;
    return nextState("waiting", data, { type: "stateTimeout", ms: 0 });
  }

  async #begin(before: Data): Promise<MachineResultOf> {
    const data = { ...before, attempt: before.attempt + 1 };
    const { job, turn, options, attempt } = data;
    const fn = functions.get(job.fn);
    if (fn === undefined) throw new ArgumentError(`expected a job whose function is known. Got: ${job.fn}`);
    const node = options.workers[(turn + attempt - 1) % Math.max(options.workers.length, 1)];
    const where = node === undefined ? tasks : { name: tasks, node };
    try {
      const task = await Task.Supervisor.async(this.self, where, fn, attempt, ...job.args);
      return nextState("running", { ...data, task }, { type: "stateTimeout", ms: options.timeoutMs });
    } catch (error) {
      // The node is away, or its supervisor is.
      if (OtpError.is(error)) return this.#failed(data, error.message);
      throw error;
    }
  }

  #failed(data: Data, error: string): Outcome {
    const { job, attempt, options } = data;
    this.self.log.info(
      { event: "job_failed", job: job.id, attempt, error },
      `Job ${job.id}: attempt ${attempt} failed`,
    );
    if (attempt >= options.maxAttempts) {
      return this.#finished(data, { id: job.id, status: "failed", attempts: attempt, error });
    }
    const ms = options.backoffMs * 2 ** (attempt - 1);
    return nextState("waiting", { ...data, task: null }, { type: "stateTimeout", ms });
  }

  async #finished({ options, job }: Data, result: JobResult): Promise<MachineResultOf> {
    await writeResult(options.folder, result);
    cast(this.self, queueName, { type: "finished", id: job.id, status: result.status });
    return stopMachine();
  }
}

type MachineResultOf = Awaited<Outcome>;

type News =
  | { readonly type: "DOWN"; readonly ref: Ref; readonly reason: unknown }
  | { readonly type: "task_reply"; readonly ref: Ref; readonly result: unknown };

function isNews(message: unknown): message is News {
  if (typeof message !== "object" || message === null || !("ref" in message) || !("type" in message)) return false;
  return message.type === "DOWN" || message.type === "task_reply";
}
