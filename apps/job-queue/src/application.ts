/** The supervision tree: the tasks that do the jobs and, on the node that has the file, the queue with its runners. */
import type { Process } from "@otp/core";
import {
  Application,
  type ApplicationOptions,
  type Configuration,
  DynamicSupervisor,
  Supervisor,
  type SupervisorPid,
  Task,
} from "@otp/genserver";

import { configure } from "./command-line.ts";
import { Queue, type QueueOptions, runners, type Tally } from "./queue.ts";
import { tasks } from "./runner.ts";

/** What the application has to be told. */
export interface JobEnv {
  /** Null for a node that only works for others. */
  readonly queue: Omit<QueueOptions, "onEnd"> | null;
}

/** Does the jobs of a file. */
export class JobQueue extends Application<JobEnv> {
  static override readonly options: ApplicationOptions = { name: "job-queue" };

  static configure(argv: readonly string[]): Promise<Configuration<JobEnv> | number> {
    return configure(argv);
  }

  override start(self: Process, { queue }: JobEnv): Promise<SupervisorPid> {
    const children = [Supervisor.childSpec([Task.Supervisor, { name: tasks }])];
    if (queue === null) {
      process.stdout.write(`job-queue works for others on ${self.node.name}\n`);
    } else {
      const onEnd = (own: Process, tally: Tally): void => {
        process.stdout.write(`${tally.done} done, ${tally.failed} failed, ${tally.skipped} skipped\n`);
        Application.finish(own, JobQueue, tally.failed === 0 ? 0 : 2);
      };
      children.push(
        Supervisor.childSpec([DynamicSupervisor, { name: runners }]),
        Supervisor.childSpec([Queue, { ...queue, onEnd }]),
      );
    }
    // The queue knows which jobs are in the works and the runners which tasks: they begin anew together.
    return Supervisor.startLink(self, children, { strategy: "one_for_all" });
  }
}
