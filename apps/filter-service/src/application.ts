/** The worker as an application: a standby for the service, and a health endpoint beside it. */
import type { Process } from "@otp/core";
import {
  Application,
  type ApplicationOptions,
  type Configuration,
  Supervisor,
  type SupervisorPid,
} from "@otp/genserver";

import { configure } from "./command-line.ts";
import { FilterService, serviceName } from "./filter-service.ts";
import { Health, type HealthAddress } from "./health.ts";
// The predicates that clients may ask for.
import "./predicates.ts";
import { type Role, Standby } from "./standby.ts";

/** What a worker has to be told. */
export interface WorkerEnv {
  /** Null for none. */
  readonly health: HealthAddress | null;
}

/** A node that runs the service, or stands by for it. */
export class FilterWorker extends Application<WorkerEnv> {
  static override readonly options: ApplicationOptions = { name: "filter-service" };

  static configure(argv: readonly string[]): Promise<Configuration<WorkerEnv> | number> {
    return configure(argv);
  }

  override start(self: Process, { health }: WorkerEnv): Promise<SupervisorPid> {
    const standby = Supervisor.childSpec([
      Standby,
      {
        name: serviceName,
        start: (own: Process) => FilterService.startLink(own),
        onChange: (role: Role) => tell(self.node.name, role),
      },
    ]);
    const children = health === null ? [standby] : [standby, Supervisor.childSpec([Health, health])];
    return Supervisor.startLink(self, children, { strategy: "one_for_one" });
  }
}

function tell(node: string, role: Role): void {
  if (role.type === "claiming") return;
  const line = role.type === "owner" ? `is ready on ${node}` : `is on ${role.owner.node}; ${node} stands by`;
  process.stdout.write(`${serviceName} ${line}\n`);
}
