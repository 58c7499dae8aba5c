/** Says what in a term cannot be sent, where it is, and what to do instead (TR-7, JS-13). */
import { types } from "node:util";

import { CodecError } from "../base/errors.ts";

/** How a value is reached from the container around it: by index, by property, or as `text` says. */
export type Step = number | string | { readonly text: string; readonly value: unknown };

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const SHOWN_STEPS = 12;

/** `root` and the way from there, as one would write it in code: `message.items[3].callback`. */
export function pathOf(root: string, steps: readonly Step[]): string {
  const shown = steps.length > SHOWN_STEPS ? steps.slice(0, SHOWN_STEPS) : steps;
  const way = shown.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    if (typeof step === "object") return step.text;
    return identifier.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  });
  return `${root}${way.join("")}${shown === steps ? "" : "…"}`;
}

/** The error for a value that cannot be sent, still without its path. */
export function refusal(value: object | symbol): CodecError {
  return new CodecError(`it is ${describe(value)}`);
}

function describe(value: object | symbol): string {
  if (typeof value === "symbol") return `a symbol (${String(value)}); send a string`;
  if (typeof value === "function") {
    const name = value.name === "" ? "" : ` (${value.name})`;
    return `a function${name}; make it with remote("a-name", fn), which every node has to import, and send that`;
  }
  if (types.isPromise(value)) return "a Promise; await it and send what it gives";
  if (types.isRegExp(value)) return "a RegExp; send its source and flags as strings";
  if (types.isWeakMap(value) || types.isWeakSet(value) || value instanceof WeakRef) {
    return "a weak collection, whose content nobody can list; send a Map or Set";
  }
  if (types.isSharedArrayBuffer(value)) return "shared memory, which two nodes cannot share; send a copy of it";
  if (types.isGeneratorObject(value)) return "a generator; send an array of what it yields";
  return `an instance of ${className(value)}; send a plain object with its data`;
}

function className(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype === "object" && prototype !== null && Object.hasOwn(prototype, "constructor")) {
    const { constructor } = prototype;
    if (constructor.name !== "") return constructor.name;
  }
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** How many steps down from `root` a value comes that has been met before on that way; -1 if none does. */
export function stepsToRepeat(root: unknown, steps: readonly Step[]): number {
  const met = new Set<unknown>();
  let value = root;
  for (const [taken, step] of steps.entries()) {
    if (met.has(value)) return taken;
    met.add(value);
    if (typeof step === "object") value = step.value;
    else if (typeof value === "object" && value !== null) value = Reflect.get(value, step);
    else return -1;
  }
  return met.has(value) ? steps.length : -1;
}
