/**
 * The process of one application: it starts the tree, is linked to its top, and stops it in order; like Erlang's
 * application master.
 *
 * It ends when the top of the tree does, and not before the whole tree has: so whoever watches it knows that nothing of the
 * application is left.
 */
import { formatReason, isShutdownReason, Pid, type Process, StartError } from "@otp/core";

import { GenServer } from "../gen-server/gen-server.ts";
import { type CastResult, type InitResult, noreply, ok, stopWith } from "../gen-server/result.ts";
import type { ApplicationCallbacks, ApplicationClass } from "./callbacks.ts";
import { infoEntry, nameOf, programName } from "./environment.ts";

/** What an application is started with. */
export interface MasterPlan {
  readonly application: ApplicationClass;
  readonly env: unknown;
}

interface Running {
  readonly name: string;
  readonly callbacks: Startable;
  readonly supervisor: Pid<never>;
  /** Whether the tree has ended by itself. */
  readonly isOver: boolean;
}

/** Asks an application to end, and the program with it. */
export interface FinishMessage {
  readonly type: "finish";
  readonly exitCode: number;
}

/** The process behind an application. */
export class ApplicationMaster extends GenServer<Running, { cast: FinishMessage }, MasterPlan> {
  override async init({ application, env }: MasterPlan): Promise<InitResult<Running>> {
    const { self } = this;
    self.trapExit = true;
    const name = nameOf(application);
    self.dictionary.put(...infoEntry({ name, env, supervisor: null }));
    const callbacks: Startable = new application();
    try {
      const supervisor = await callbacks.start(self, env);
      if (!(supervisor instanceof Pid)) {
        return stopWith({ badReturn: { module: application.name, function: "start", value: supervisor } });
      }
      self.link(supervisor);
      await runPhases(self, application, { callbacks, supervisor });
      self.dictionary.put(...infoEntry({ name, env, supervisor }));
      self.log.debug(
        { event: "application_start", application: name },
        `Application ${name} started on ${self.node.name}`,
      );
      return ok({ name, callbacks, supervisor, isOver: false });
    } catch (error) {
      // What kept a part of the tree from starting is what keeps the application.
      if (error instanceof StartError) return stopWith(error.reason);
      throw error;
    }
  }

  override handleCast({ exitCode }: FinishMessage, running: Running): CastResult<Running> {
    const program = this.self.whereis(programName);
    if (program === undefined) return stopWith({ shutdown: { exitCode } }, running);
    // The program stops all of its applications, and sees to it that they stop in time.
    this.self.send(program, { type: "finish", exitCode });
    return noreply(running);
  }

  override handleInfo(message: unknown, running: Running): CastResult<Running> {
    if (!isExit(message) || message.from !== running.supervisor) return noreply(running);
    // The tree has reported its failure itself, and in more detail.
    return stopWith(isShutdownReason(message.reason) ? message.reason : { shutdown: message.reason }, {
      ...running,
      isOver: true,
    });
  }

  override async terminate(reason: unknown, { name, callbacks, supervisor, isOver }: Running): Promise<void> {
    const { self } = this;
    if (!isOver) {
      await callbacks.prepStop?.(self);
      await stopTree(self, supervisor);
    }
    await callbacks.stop?.(self);
    const why = formatReason(isOver ? causeOf(reason) : reason);
    const fields = { event: "application_exit", application: name, reason: why };
    const text = `Application ${name} exited: ${why}`;
    if (isOver && reason !== "normal") self.log.error(fields, text);
    else self.log.info(fields, text);
  }
}

/** The callbacks as they are called: whatever was given to `Application.start` is what they take. */
type Startable = Omit<ApplicationCallbacks<unknown>, "~env">;

async function runPhases(
  self: Process,
  { name, options }: ApplicationClass,
  { callbacks, supervisor }: Pick<Running, "callbacks" | "supervisor">,
): Promise<void> {
  try {
    for (const step of options.startPhases ?? []) {
      const [phase, arg] = typeof step === "string" ? [step, undefined] : step;
      if (callbacks.startPhase === undefined) {
        throw new StartError({ noStartPhase: phase }, `expected ${name} to have startPhase, for it names start phases`);
      }
      await callbacks.startPhase(self, phase, arg);
    }
  } catch (error) {
    await stopTree(self, supervisor);
    throw error;
  }
}

async function stopTree(self: Process, supervisor: Pid<never>): Promise<void> {
  const ref = self.monitor(supervisor);
  self.sendExit(supervisor, "shutdown");
  await self.receive({ type: "DOWN", ref });
}

function isExit(message: unknown): message is { readonly from: Pid; readonly reason: unknown } {
  return typeof message === "object" && message !== null && "type" in message && message.type === "EXIT";
}

/** Why the tree of an application has ended, out of the reason that the application has ended with. */
export function causeOf(reason: unknown): unknown {
  return typeof reason === "object" && reason !== null && "shutdown" in reason ? reason.shutdown : reason;
}
