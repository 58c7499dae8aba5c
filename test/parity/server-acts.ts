/** What the steps about servers and supervisors mean on our side. */
import { type Pid, type Process, type Ref, StartError } from "@otp/core";
import { call, cast, start, startLink, startMonitor, stop, Supervisor } from "@otp/genserver";

import { act, type Act, type Acted, type Did, msOf, type Surroundings, value } from "./act.ts";
import { type Kind, OracleServer, OracleSupervisor, reasonOf, specOf } from "./server.ts";

/** The act of a step about servers, `undefined` for another or where it concerns nobody. */
export function actOfServers(step: Acted, there: Surroundings): Act | undefined {
  const at = (kind: Kind, index: number, make: (pid: Pid) => Act): Act | undefined => {
    const pid = there.any(kind, index);
    return pid === undefined ? undefined : make(pid);
  };
  switch (step[0]) {
    case "serve": {
      const [, , tie, name, traits] = step;
      const arg = { diary: there, traits };
      const options = name === "none" ? undefined : { name };
      return act((self) =>
        started(async () => {
          if (tie !== "monitor")
            return { pid: await (tie === "link" ? startLink : start)(self, OracleServer, arg, options) };
          return startMonitor(self, OracleServer, arg, options);
        }),
      );
    }
    case "call": {
      const [, , whom, script, limit] = step;
      const timeout = typeof limit === "number" ? msOf(limit, there) : limit;
      return at("server", whom, (pid) =>
        asked((self) => call(self, pid, { type: "script", script }, timeout), timeout !== "infinity"),
      );
    }
    case "callName": {
      const [, , name, script] = step;
      const kind = there.kindOf(name);
      if (kind === "puppet" || kind === "supervisor") return undefined;
      return asked((self) => call(self, name, { type: "script", script }, "infinity"));
    }
    case "cast":
      return at("server", step[2], (pid) => value((self) => cast(self, pid, { type: "script", script: step[3] })));
    case "info":
      return at("server", step[2], (pid) =>
        value((self) => (self.send<unknown>(pid, { type: "script", script: step[3] }), "sent")),
      );
    case "stop":
      return at("server", step[2], (pid) => asked((self) => stop(self, pid, reasonOf(step[3]))));
    case "killAny":
      return at(step[2] === "server" ? "server" : "supervisor", step[3], (pid) =>
        value((self) => self.sendExit(pid, reasonOf(step[4]))),
      );
    case "supervise": {
      const arg = { diary: there, flags: step[2], children: step[3] };
      return act(
        (self) => started(async () => ({ pid: await Supervisor.startLink(self, OracleSupervisor, arg) })),
        true,
      );
    }
    case "startChild":
      return at("supervisor", step[2], (pid) =>
        asked(async (self) => outcomeOf(await Supervisor.startChild(self, pid, specOf(there, step[3]))), true),
      );
    case "terminateChild":
    case "restartChild":
    case "deleteChild": {
      const [verb, , whom, id] = step;
      return at("supervisor", whom, (pid) =>
        asked(async (self) => outcomeOf(await Supervisor[verb](self, pid, id)), true),
      );
    }
    case "countChildren":
      return at("supervisor", step[2], (pid) =>
        asked(async (self) => Object.values(await Supervisor.countChildren(self, pid)), true),
      );
    default:
      return undefined;
  }
}

function asked(run: (self: Process) => Promise<unknown>, ends = false): Act {
  return act(async (self) => ({ value: await run(self) }), ends);
}

async function started(run: () => Promise<{ readonly pid: Pid; readonly ref?: Ref | undefined }>): Promise<Did> {
  try {
    const { pid, ref } = await run();
    return { value: { type: "ok", pid }, refs: ref === undefined ? [] : [ref] };
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return { value: error.reason === "ignore" ? "ignore" : { type: "error", reason: error.reason } };
  }
}

/** An outcome in Erlang's form. */
function outcomeOf(outcome: { readonly ok: boolean; readonly reason?: unknown; readonly pid?: unknown }): unknown {
  if (outcome.ok) return "pid" in outcome ? { type: "ok", pid: outcome.pid } : "ok";
  const { reason } = outcome;
  if (typeof reason !== "object" || reason === null || !("startFailed" in reason)) return { type: "error", reason };
  const { startFailed } = reason;
  if (!("child" in reason)) return { type: "error", reason: startFailed };
  const { child } = reason;
  const id = typeof child === "object" && child !== null && "id" in child ? child.id : child;
  return { type: "error", reason: { type: "", startFailed, id } };
}
