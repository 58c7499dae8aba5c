/** Applications: started with their dependencies, stopped in order; and programs made of them, without an operating system. */
import { type Pid, type Process } from "@otp/core";
import { ManualRuntime } from "@otp/core/runtime";
import {
  Application,
  type ApplicationOptions,
  type ProgramHost,
  run,
  type StopSignal,
  Supervisor,
} from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { failure, keptLog, type LogLine, startFailure } from "./behaviour.ts";
import { told, worker } from "./sup-world.ts";
import { endOf, play } from "./world.ts";

interface Family {
  readonly tester: Process;
  readonly ids: string;
}

class Base extends Application<Family> {
  override start(self: Process, { tester, ids }: Family) {
    const children = Array.from(ids, (id) => worker(tester, id));
    return Supervisor.startLink(self, children, { strategy: "one_for_one", maxRestarts: 0 });
  }
}

const notes: string[] = [];

class Noting extends Base {
  static override readonly options = { name: "noting", startPhases: ["warm", ["fill", 3]] } as const;

  override startPhase(self: Process, phase: string, arg: unknown) {
    notes.push(`${phase} ${String(arg)} ${String(Application.getEnv(self, Noting)?.ids)}`);
  }
  override prepStop() {
    notes.push("prepStop");
  }
  override stop() {
    notes.push("stop");
  }
}

class Quiet extends Application {
  override start(self: Process) {
    return Supervisor.startLink(self, [], { strategy: "one_for_one" });
  }
}

class Upper extends Application<Family> {
  static override readonly options = { dependencies: [Quiet] };
  override start(self: Process, { tester, ids }: Family) {
    return Supervisor.startLink(self, [worker(tester, ids)], { strategy: "one_for_one" });
  }
}

class Broken extends Application {
  static override readonly options = { dependencies: [Quiet] };
  override start(): Promise<Pid> {
    throw new Error("no disk");
  }
}

describe("Application", () => {
  it("starts a tree with its phases and environment, and stops it in reverse order", () =>
    play(
      async (self) => {
        notes.length = 0;
        const top = await Application.start(self, Noting, { tester: self, ids: "ab" });
        expect(await Supervisor.countChildren(self, top)).toMatchObject({ active: 2 });
        expect(Application.whichApplications(self)).toEqual(["noting"]);
        expect(await startFailure(Application.start(self, Noting, { tester: self, ids: "" }))).toMatchObject({
          type: "already_started",
        });
        expect(await Application.stop(self, Noting)).toBe("ok");
        expect(notes).toEqual(["warm undefined ab", "fill 3 ab", "prepStop", "stop"]);
        expect(await told(self)).toEqual(["start a", "start b", "terminate b shutdown", "terminate a shutdown"]);
        expect(Application.whichApplications(self)).toEqual([]);
        expect(Application.getEnv(self, Noting)).toBeUndefined();
        expect(await failure(Application.stop(self, Noting))).toMatchObject({ reason: "noproc" });
      },
      { isolation: "share" },
    ));

  it("ends with the top of its tree, and reports that", async () => {
    const lines: LogLine[] = [];
    await play(
      async (self) => {
        const top = await Application.start(self, Base, { tester: self, ids: "a" });
        const pid = self.whereis("application.Base");
        if (pid === undefined) throw new Error("no such process");
        self.sendExit(top, "kill");
        expect(await endOf(self, pid)).toEqual({ shutdown: "killed" });
        expect(lines.find(({ event }) => event === "application_exit")).toMatchObject({
          level: 50,
          event: "application_exit",
          msg: "Application Base exited: killed",
        });
      },
      { isolation: "share", logger: keptLog(lines) },
    );
  });

  it("starts what it depends on, or refuses to start without", () =>
    play(
      async (self) => {
        const env = { tester: self, ids: "u" };
        expect(await startFailure(Application.start(self, Upper, env))).toEqual({ notStarted: "Quiet" });
        expect(await Application.ensureAllStarted(self, Upper, env)).toEqual(["Quiet", "Upper"]);
        expect(await Application.ensureAllStarted(self, Upper, env)).toEqual([]);
        await Application.stop(self, Upper);
        expect(Application.whichApplications(self)).toEqual(["Quiet"]);
      },
      { isolation: "share" },
    ));

  it("that does not start leaves nothing of what it has started", () =>
    play(
      async (self) => {
        expect(await startFailure(Application.ensureAllStarted(self, Broken))).toMatchObject({ message: "no disk" });
        expect(Application.whichApplications(self)).toEqual([]);
        class Faulty extends Noting {
          override startPhase() {
            throw new Error("phase");
          }
        }
        const starting = Application.start(self, Faulty, { tester: self, ids: "a" });
        expect(await startFailure(starting)).toMatchObject({ message: "phase" });
        expect(await told(self)).toEqual(["start a", "terminate a shutdown"]);
      },
      { isolation: "share" },
    ));

  it("refuses a circle of dependencies and names it", () =>
    play(async (self) => {
      class Circle extends Quiet {
        static override get options(): ApplicationOptions {
          return { dependencies: [Circle.with()] };
        }
      }
      expect(() => Application.ensureAllStarted(self, Circle)).toThrow("Circle → Circle");
    }));
});

/** A host in which a test plays the operating system. */
function stage() {
  const runtime = new ManualRuntime();
  const said: string[] = [];
  const printed: string[] = [];
  const signals: ((signal: StopSignal) => void)[] = [];
  const ends: [number, string][] = [];
  const host: ProgramHost = {
    onSignal(heard) {
      signals.push(heard);
      return () => void signals.splice(signals.indexOf(heard), 1);
    },
    say: (line) => void said.push(line),
    print: (text) => void printed.push(text),
    end: (code, when) => void ends.push([code, when]),
  };
  return { runtime, said, printed, signals, ends, host };
}

/** A program of one child, whose `terminate` takes a while. */
function programOf({
  runtime,
  lines = [],
  slowMs = 0,
  limitMs = 1_000,
}: {
  readonly runtime: ManualRuntime;
  readonly lines?: LogLine[];
  readonly slowMs?: number;
  readonly limitMs?: number;
}) {
  return class Program extends Application<{ readonly slowMs: number }> {
    static configure() {
      return {
        env: { slowMs },
        node: { runtime, logger: keptLog(lines), isolation: "share" as const },
        stopTimeoutMs: limitMs,
      };
    }
    override start(self: Process, env: { readonly slowMs: number }) {
      const slow = worker(self, "slow", { terminateMs: env.slowMs, shutdown: "infinity" });
      return Supervisor.startLink(self, [slow], { strategy: "one_for_one", maxRestarts: 0, name: "top" });
    }
  };
}

describe("run", () => {
  it("stops in order at a signal, with exit code 0", async () => {
    const { runtime, host, said, signals, ends } = stage();
    const lines: LogLine[] = [];
    const code = run(programOf({ runtime, lines, slowMs: 500 }), [], host);
    await runtime.advance(10);
    signals[0]?.("SIGTERM");
    await runtime.advance(400);
    expect(ends).toEqual([]);
    await runtime.advance(200);
    expect(await code).toBe(0);
    expect([said, ends, signals]).toEqual([[], [[0, "soon"]], []]);
    expect(lines.at(-1)).toMatchObject({ event: "application_exit", reason: "shutdown" });
    expect(runtime.pendingTimers).toBe(0);
  });

  it("ends at once when stopping takes too long, and says so", async () => {
    const { runtime, host, said, signals, ends } = stage();
    const code = run(programOf({ runtime, slowMs: 5_000 }), [], host);
    await runtime.advance(10);
    signals[0]?.("SIGINT");
    await runtime.advance(1_001);
    expect(await code).toBe(1);
    expect(said).toEqual(["Program: did not stop within 1000 ms and is ended at once"]);
    expect(ends).toEqual([[1, "at once"]]);
  });

  it("ends with code 1 and a line when the top supervisor gives up", async () => {
    const { runtime, host, said, ends } = stage();
    const program = programOf({ runtime });
    class Falling extends program {
      override async start(self: Process, env: { readonly slowMs: number }) {
        const top = await super.start(self, env);
        self.spawn(async (killer) => {
          await killer.sleep(5);
          const [child] = await Supervisor.whichChildren(killer, top);
          if (typeof child?.pid === "object") killer.sendExit(child.pid, "kill");
        });
        return top;
      }
    }
    const code = run(Falling, [], host);
    await runtime.advance(100);
    expect(await code).toBe(1);
    expect(said).toEqual(["Falling: gave up, for the top of its tree has ended: shutdown"]);
    expect(ends).toEqual([[1, "soon"]]);
  });

  it("ends with the code of an application that finishes", async () => {
    const { runtime, host, said } = stage();
    const program = programOf({ runtime });
    class Finishing extends program {
      override start(self: Process, env: { readonly slowMs: number }) {
        self.spawn(async (worker) => {
          await worker.sleep(5);
          Application.finish(worker, Finishing, 3);
        });
        return super.start(self, env);
      }
    }
    const code = run(Finishing, [], host);
    await runtime.advance(100);
    expect(await code).toBe(3);
    expect(said).toEqual([]);
  });

  it("ends with code 1 and one line when the application does not start", async () => {
    const { host, said, ends } = stage();
    expect(await run(Broken, ["node", "broken"], host)).toBe(1);
    expect(said).toEqual(["Broken: the process could not be started: Error: no disk"]);
    expect(ends).toEqual([[1, "soon"]]);
  });

  it("knows --help and refuses arguments where the application does not read them", async () => {
    const { host, said, printed } = stage();
    expect(await run(Quiet, ["node", "quiet", "--help"], host)).toBe(0);
    expect(printed).toEqual(["Quiet; it takes no arguments\n"]);
    expect(await run(Quiet, ["node", "quiet", "x"], host)).toBe(1);
    expect(said).toEqual(["Quiet; it takes no arguments. Got: x"]);
  });
});
