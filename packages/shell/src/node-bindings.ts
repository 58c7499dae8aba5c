/** `Node`, `global` and `rpc` of the shell. */
import { ArgumentError, type Global, notifyAllName, randomExitName, randomNotifyName } from "@otp/core";

import { apply, isFunction } from "./apply.ts";
import type { BindingsOptions } from "./bindings.ts";

type Bound = (...args: readonly unknown[]) => unknown;

/** What concerns the node and the others. */
export function nodeBindings({ evaluator, traveller, begin }: BindingsOptions): Readonly<Record<string, unknown>> {
  const { node } = evaluator;
  const spawning = (how: "spawn" | "spawnLink" | "spawnMonitor"): Bound => {
    return (name, fn, ...args) => {
      const isHere = name === node.name && isFunction(fn);
      const code = isHere ? evaluator.inProcess(fn) : traveller.remote(fn);
      const given = [{ node: name }, code, ...args.map((arg) => traveller.pack(arg))];
      return apply(evaluator.current[how], evaluator.current, given);
    };
  };
  const calling = (how: "call" | "cast" | "multicall"): Bound => {
    return (where, fn, args = [], ...rest) =>
      apply(node.rpc[how], node.rpc, [where, traveller.remote(fn), traveller.pack(args), ...rest]);
  };
  return {
    node: () => node.name,
    Node: {
      self: () => node.name,
      isAlive: () => node.isAlive,
      list: node.list.bind(node),
      connect: node.connect.bind(node),
      disconnect: node.disconnect.bind(node),
      ping: node.ping.bind(node),
      discover: node.discover.bind(node),
      refusalOf: node.refusalOf.bind(node),
      getCookie: node.getCookie.bind(node),
      setCookie: node.setCookie.bind(node),
      spawn: spawning("spawn"),
      spawnLink: spawning("spawnLink"),
      spawnMonitor: spawning("spawnMonitor"),
      monitor: (name: string, on = true) => evaluator.current.monitorNode(name, on),
      monitorNodes: (on = true) => evaluator.current.monitorNodes(on),
      setTickTime: node.setTickTime.bind(node),
      getTickTime: () => node.getTickTime(),
      start: (name: unknown) => {
        if (begin !== undefined && typeof name === "string" && name !== "") return begin(name);
        throw new ArgumentError('expected a name, as Node.start("one"), in a shell of its own');
      },
      stop: () => node.stopDistribution(),
    },
    global: globalOf(node.global),
    rpc: { call: calling("call"), cast: calling("cast"), multicall: calling("multicall") },
  };
}

/** The cluster's names under the name that Node.js has for its global object, which stays reachable through it. */
function globalOf(names: Global): object {
  const own = new Map<unknown, unknown>(
    Object.getOwnPropertyNames(Object.getPrototypeOf(names))
      .filter((name) => ["constructor", "up", "down"].every((internal) => internal !== name))
      .flatMap((name) => {
        const value: unknown = Reflect.get(names, name);
        return isFunction(value) ? [[name, value.bind(names)] as const] : [];
      }),
  );
  const resolvers = { randomExitName, randomNotifyName, notifyAllName };
  for (const [name, resolver] of Object.entries(resolvers)) own.set(name, resolver);
  return new Proxy(globalThis, {
    get: (target, name): unknown => own.get(name) ?? Reflect.get(target, name),
    set: (target, name, value) => Reflect.set(target, name, value),
    ownKeys: (target) => [...new Set([...[...own.keys()].filter(isText), ...Reflect.ownKeys(target)])],
    getOwnPropertyDescriptor: (target, name) =>
      own.has(name)
        ? { value: own.get(name), configurable: true, enumerable: true, writable: true }
        : Reflect.getOwnPropertyDescriptor(target, name),
  });
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
