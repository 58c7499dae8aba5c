/** The supervision tree. Whoever is below relies on those above, and is started anew with them. */
import type { Process } from "@otp/core";
import {
  Application,
  type ApplicationOptions,
  type Configuration,
  DynamicSupervisor,
  Registry,
  Supervisor,
  type SupervisorPid,
  Task,
} from "@otp/genserver";

import { buckets, bucketSupervisor } from "./buckets.ts";
import { configure } from "./command-line.ts";
import { connections, Listener } from "./listener.ts";

/** What the application has to be told. */
export interface KvEnv {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly host: string;
  readonly maxConnections: number;
  /** The nodes that share the buckets, each keeping its part of the alphabet; none: this one keeps all. */
  readonly nodes: readonly string[];
}

/** Buckets of values, served over TCP. */
export class KvBuckets extends Application<KvEnv> {
  static override readonly options: ApplicationOptions = { name: "kv-buckets" };

  static configure(argv: readonly string[]): Promise<Configuration<KvEnv> | number> {
    return configure(argv);
  }

  override start(self: Process, { port, host, maxConnections, nodes }: KvEnv): Promise<SupervisorPid> {
    return Supervisor.startLink(
      self,
      [
        [Registry, { name: buckets, keys: "unique" as const }],
        [DynamicSupervisor, { name: bucketSupervisor }],
        [Task.Supervisor, { name: connections, maxChildren: maxConnections }],
        [Listener, { port, host, nodes }],
      ],
      { strategy: "rest_for_one" },
    );
  }
}
