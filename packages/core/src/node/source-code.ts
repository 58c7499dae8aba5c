/** Source text from peers becomes a function where the node was told to trust it, and nowhere else (JS-13). */
import { Script } from "node:vm";

import { ArgumentError, UndefError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { refuseSource, type SourceReader } from "../term/remote-function.ts";

/** What a node does with source text. @throws ArgumentError for a setting that is none. */
export function sourceReader(trust: boolean | SourceReader | undefined = false): SourceReader {
  if (trust === false) return refuseSource;
  if (trust === true) return compileSource;
  if (typeof trust === "function") return trust;
  throw new ArgumentError(`expected trustRemoteCode to be true, false or a function. Got: ${show(trust)}`);
}

/** The text is an expression and sees what is global in this program. */
function compileSource(source: string, name: string): (...args: never) => unknown {
  let value: unknown;
  try {
    value = new Script(`(${source}\n)`, { filename: `remote:${name}` }).runInThisContext();
  } catch (error) {
    throw new UndefError(`function ${name} is undefined: its source text cannot be compiled`, { cause: error });
  }
  if (isFunction(value)) return value;
  throw new UndefError(`function ${name} is undefined: its source text is no function. Got: ${show(value)}`);
}

function isFunction(value: unknown): value is (...args: never) => unknown {
  return typeof value === "function";
}
