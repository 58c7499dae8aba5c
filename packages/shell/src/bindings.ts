/** What can be called in the shell without importing anything: the functions of core and genserver, in the shell's name. */
import { IO, Node, Pid, Ref, timer } from "@otp/core";
import * as behaviours from "@otp/genserver";
import { ProcessControl } from "@otp/core/internal";

import { type AnyFunction, apply, isFunction } from "./apply.ts";
import type { Evaluator } from "./evaluator.ts";
import { type Look, lookBindings } from "./look.ts";
import { nodeBindings } from "./node-bindings.ts";
import type { Traveller } from "./travel.ts";

/** What the bindings work with. */
export interface BindingsOptions {
  readonly evaluator: Evaluator;
  readonly traveller: Traveller;
  readonly look: Look;
  /** Gives the node a name; undefined where that is not for the shell to do. */
  readonly begin: ((name: string) => Promise<"ok" | "already_started">) | undefined;
}

/** Names and values of the shell. */
export type Bindings = Readonly<Record<string, unknown>>;

type Bound = (...args: readonly unknown[]) => unknown;

/** Everything the shell binds. */
export function bindingsOf(options: BindingsOptions): Bindings {
  const { evaluator, traveller, look } = options;
  const own = (fn: AnyFunction): Bound => inNameOf(evaluator, fn);
  const packed = (fn: AnyFunction): Bound => {
    const bound = own(fn);
    return (...args) => bound(...args.map((arg) => traveller.pack(arg)));
  };
  const { GenServer, DynamicSupervisor, Supervisor, sys, call, cast, abcast, multiCall } = behaviours;
  const servers: Bindings = {
    call: packed(call),
    cast: packed(cast),
    abcast: packed(abcast),
    multiCall: packed(multiCall),
    start: own(behaviours.start),
    startLink: own(behaviours.startLink),
    startMonitor: own(behaviours.startMonitor),
    stop: own(behaviours.stop),
    replyTo: own(behaviours.replyTo),
  };
  return {
    ...plainBehaviours(),
    ...processBindings(options),
    ...nodeBindings(options),
    ...lookBindings(evaluator, look),
    ...servers,
    GenServer: withFunctions(GenServer, servers),
    Supervisor: staticsOf(Supervisor, own),
    DynamicSupervisor: staticsOf(DynamicSupervisor, own),
    sys: allOf(sys, own),
    IO: allOf(IO, own),
    timer,
    remote: (fn: unknown) => traveller.remote(fn),
  };
}

/** The class, to be extended, with the functions that Elixir has under its name: `GenServer.call(…)`. */
function withFunctions(base: typeof behaviours.GenServer, functions: Bindings): unknown {
  abstract class Extended extends base<unknown> {}
  Object.defineProperty(Extended, "name", { value: base.name });
  return Object.assign(Extended, functions);
}

function plainBehaviours(): Bindings {
  const { ok, reply, noreply, stopWith, ignore, globalName, GenStateMachine, Task } = behaviours;
  return { ok, reply, noreply, stopWith, ignore, globalName, GenStateMachine, Task, Pid, Ref };
}

/** The functions of a process, of whichever runs. */
function processBindings({ evaluator, traveller, look }: BindingsOptions): Bindings {
  const { node } = evaluator;
  const spawning = (how: "spawn" | "spawnLink" | "spawnMonitor"): Bound => {
    return (...args) => {
      const isElsewhere = typeof args[0] !== "function" && Reflect.get(Object(args[0]), "node") !== node.name;
      const given = args.map((arg) => prepared(arg, isElsewhere));
      return apply(evaluator.current[how], evaluator.current, given);
    };
  };
  const prepared = (arg: unknown, isElsewhere: boolean): unknown => {
    if (isElsewhere) return traveller.pack(arg);
    return isFunction(arg) ? evaluator.inProcess(arg) : arg;
  };
  const self = (method: keyof ProcessControl): Bound => {
    return (...args) => {
      const fn: unknown = Reflect.get(evaluator.current, method);
      return isFunction(fn) ? apply(fn, evaluator.current, args) : fn;
    };
  };
  return {
    self: () => evaluator.current.pid,
    spawn: spawning("spawn"),
    spawnLink: spawning("spawnLink"),
    spawnMonitor: spawning("spawnMonitor"),
    send: (to: never, message: unknown) => evaluator.current.send(to, traveller.pack(message)),
    receive: self("receive"),
    flush: () => {
      for (const message of evaluator.current.flush()) look.print(look.show(message));
      return "ok";
    },
    link: self("link"),
    unlink: self("unlink"),
    monitor: self("monitor"),
    demonitor: self("demonitor"),
    alias: self("alias"),
    unalias: self("unalias"),
    exit: (...args: readonly unknown[]) => {
      const [first, second] = args;
      if (args.length === 2 && isPid(first)) return evaluator.current.sendExit(first, second);
      return evaluator.current.exit(first);
    },
    flag: self("flag"),
    sleep: self("sleep"),
    sendAfter: self("sendAfter"),
    cancelTimer: self("cancelTimer"),
    register: self("register"),
    unregister: self("unregister"),
    whereis: self("whereis"),
    registered: () => node.registered(),
    info: node.info.bind(node),
    isProcessAlive: node.isProcessAlive.bind(node),
    makeRef: self("makeRef"),
    groupLeader: (...args: readonly unknown[]) => {
      const [pid, leader] = args;
      if (isPid(pid) && isPid(leader)) return evaluator.current.setGroupLeader(pid, leader);
      return evaluator.current.groupLeader;
    },
  };
}

function isPid(value: unknown): value is Pid {
  return value instanceof Pid;
}

/** A function whose context is the shell's process where none is given. */
function inNameOf(evaluator: Evaluator, fn: AnyFunction): Bound {
  return (...args) => {
    const hasContext = args[0] instanceof ProcessControl || args[0] instanceof Node;
    return apply(fn, undefined, hasContext ? args : [evaluator.current, ...args]);
  };
}

function allOf(module: object, own: (fn: AnyFunction) => Bound): Bindings {
  return Object.fromEntries(
    Object.entries(module).map(([name, value]: [string, unknown]) => [name, isFunction(value) ? own(value) : value]),
  );
}

/** The static functions of a class; those that only describe something take no context. */
function staticsOf(type: object, own: (fn: AnyFunction) => Bound): Bindings {
  const names = Object.getOwnPropertyNames(type).filter((name) => !["length", "name", "prototype"].includes(name));
  const bound = names.map((name) => {
    const value: unknown = Reflect.get(type, name);
    const isPlain = !isFunction(value) || ["Module", "init", "childSpec"].includes(name);
    return [name, isPlain ? value : own(value.bind(type))] as const;
  });
  return Object.fromEntries(bound);
}
