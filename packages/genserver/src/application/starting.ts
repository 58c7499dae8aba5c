/** Starting an application, or all that it depends on and then it. */
import { ArgumentError, type Pid, StartError } from "@otp/core";

import type { Context } from "../gen/context.ts";
import { stop } from "../gen-server/client.ts";
import { start } from "../gen-server/start.ts";
import type { ApplicationClass, Dependency } from "./callbacks.ts";
import { infoOf, nameOf, nodeOf, processName } from "./environment.ts";
import { ApplicationMaster, type MasterPlan } from "./master.ts";

/** Starts an application whose dependencies run. */
export async function startOne(context: Context, { application, env }: MasterPlan): Promise<Pid<never>> {
  for (const dependency of application.options.dependencies ?? []) {
    const { name, supervisor } = stateOf(context, orderOf(dependency).application);
    if (supervisor !== null) continue;
    throw new StartError(
      { notStarted: name },
      `${nameOf(application)} needs ${name}, which does not run; start it before, or use Application.ensureAllStarted`,
    );
  }
  const options = { name: processName(application), timeout: "infinity" } as const;
  await start(context, ApplicationMaster, { application, env }, options);
  const { supervisor } = stateOf(context, application);
  if (supervisor !== null) return supervisor;
  throw new StartError("noproc", `${nameOf(application)} has ended as soon as it had started`);
}

function stateOf(
  context: Context,
  application: ApplicationClass,
): { readonly name: string; readonly supervisor: Pid<never> | null } {
  return infoOf(nodeOf(context), processName(application)) ?? { name: nameOf(application), supervisor: null };
}

function orderOf(dependency: Dependency): MasterPlan {
  if (typeof dependency === "function") return { application: dependency, env: undefined };
  const [application, env] = dependency;
  return { application, env };
}

/**
 * An application and all it depends on, each after what it needs itself.
 *
 * @throws ArgumentError for applications that depend on each other.
 */
export function inOrder(wanted: Dependency, path: readonly ApplicationClass[] = []): readonly MasterPlan[] {
  const order = orderOf(wanted);
  const { application } = order;
  if (path.includes(application)) {
    throw new ArgumentError(
      `expected applications that do not depend on each other. Got: ${[...path, application].map(nameOf).join(" → ")}`,
    );
  }
  const before = (application.options.dependencies ?? []).flatMap((one) => inOrder(one, [...path, application]));
  return [...before, order];
}

/** Starts what does not run yet, in order, and resolves to its names; or stops again what it has started. */
export async function startAll(context: Context, orders: readonly MasterPlan[]): Promise<readonly string[]> {
  const started: ApplicationClass[] = [];
  try {
    for (const { application, env } of orders) {
      if (stateOf(context, application).supervisor !== null) continue;
      await startOne(context, { application, env });
      started.push(application);
    }
  } catch (error) {
    for (const application of started.toReversed()) await stop(context, processName(application), "shutdown");
    throw error;
  }
  return started.map(nameOf);
}
