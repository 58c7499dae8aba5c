/**
 * Application: a supervision tree with a life of its own. It is started under a name with an environment, after whatever it
 * depends on, and stopped in order; `run` makes a program of it.
 *
 * @example
 * import { Application, GenServer, ok, Supervisor } from "@otp/genserver";
 *
 * class Cache extends GenServer<number, { cast: never }, { size: number }> {
 *   override init({ size }: { size: number }) {
 *     return ok(size);
 *   }
 * }
 *
 * class Shop extends Application<{ cacheSize: number }> {
 *   override start(self: Process, { cacheSize }: { cacheSize: number }) {
 *     return Supervisor.startLink(self, [[Cache, { size: cacheSize }]], { strategy: "one_for_one" });
 *   }
 * }
 *
 * await Application.start(node, Shop, { cacheSize: 100 });
 * Application.whichApplications(node); // => ["Shop"]
 * Application.getEnv(node, Shop); // => { cacheSize: 100 }
 * await Application.stop(node, Shop); // => "ok"
 */
import { ArgumentError, type Pid, type Process } from "@otp/core";

import { type Context, quietIn } from "../gen/context.ts";
import type { Timeout } from "../gen/duration.ts";
import { cast, stop } from "../gen-server/client.ts";
import type { Awaitable } from "../gen-server/gen-server.ts";
import type { ApplicationClass, ApplicationOptions, Dependency, EnvArgs, EnvOf, TopOf } from "./callbacks.ts";
import { environmentOf, nodeOf, processName, runningOn } from "./environment.ts";
import { inOrder, startAll, startOne } from "./starting.ts";

/** The base class of applications; `Env` is what `start` needs to know. */
export abstract class Application<Env = undefined> {
  /** Only for the type: what `start` takes. */
  declare readonly "~env"?: (env: Env) => void;

  /** Its name, what it depends on, and its start phases. */
  static readonly options: ApplicationOptions = {};

  /**
   * Starts the tree and gives the pid of its top, which ends the application when it ends. `self` is the application's own
   * process, which traps exits.
   */
  abstract start(self: Process, env: Env): Awaitable<Pid<never>>;

  /** Takes one of the steps that `options.startPhases` names, once the tree runs; a failure stops it again. */
  startPhase?(self: Process, phase: string, arg: unknown): unknown;

  /** Called before the tree is stopped in order; not when it has ended by itself. */
  prepStop?(self: Process): unknown;

  /** Called when the tree has ended, in whatever way. */
  stop?(self: Process): unknown;

  /** This application with its environment, as a dependency of another. */
  static with<Class extends ApplicationClass>(this: Class, ...[env]: EnvArgs<Class>): Dependency {
    return [this, env];
  }

  /**
   * Starts an application and resolves to the top of its tree once its start phases are done.
   *
   * Rejects with a `StartError`: `{ type: "already_started", pid }`, `{ notStarted: name }` for a dependency that does not run,
   * `{ noStartPhase }`, `{ badReturn }`, or why the tree did not start; nothing of it runs then.
   */
  static start<Class extends ApplicationClass>(
    context: Context,
    application: Class,
    ...[env]: EnvArgs<Class>
  ): Promise<TopOf<Class>> {
    // What `start` of this class gives is the top of the tree.
    const started: Promise<unknown> = startOne(context, { application, env });
    return quietIn(context, started as Promise<TopOf<Class>>);
  }

  /**
   * Starts an application after everything it depends on that does not run yet, and resolves to the names of what it has
   * started, in that order. When one does not start, those before it are stopped again.
   *
   * @throws ArgumentError for applications that depend on each other.
   */
  static ensureAllStarted<Class extends ApplicationClass>(
    context: Context,
    application: Class,
    ...[env]: EnvArgs<Class>
  ): Promise<readonly string[]> {
    return quietIn(context, startAll(context, inOrder([application, env])));
  }

  /**
   * Stops an application, its children in reverse order, and resolves when nothing of it runs. Rejects with a `CallError`:
   * `"noproc"` when it does not run, `"timeout"` when that takes too long; by default it may take as long as it takes.
   */
  static stop(context: Context, application: ApplicationClass, timeout: Timeout = "infinity"): Promise<"ok"> {
    return stop(context, processName(application), "shutdown", timeout);
  }

  /** Ends an application in order, and with it the program that runs it, which exits with `exitCode`; `"ok"` at once. */
  static finish(context: Context, application: ApplicationClass, exitCode = 0): "ok" {
    if (!Number.isInteger(exitCode) || exitCode < 0 || exitCode > 255) {
      throw new ArgumentError(`expected an exit code of 0 to 255. Got: ${String(exitCode)}`);
    }
    return cast(context, processName(application), { type: "finish", exitCode });
  }

  /** The names of the applications that run, in the order in which they were started. */
  static whichApplications(context: Context): readonly string[] {
    return runningOn(nodeOf(context)).map(({ name }) => name);
  }

  /** What an application that starts or runs was started with. */
  static getEnv<Class extends ApplicationClass>(context: Context, application: Class): EnvOf<Class> | undefined {
    return environmentOf(nodeOf(context), application);
  }
}
