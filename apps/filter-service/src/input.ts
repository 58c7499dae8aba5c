/** Where the items come from: the lines of a text, or the records of a JSON document. */
import { readFile } from "node:fs/promises";

import { ArgumentError } from "@otp/core";

/** A parsed input, and how to write the part of it that is kept. */
export interface Input {
  readonly items: readonly unknown[];
  /** Writes the kept items in the form in which they came. */
  render(kept: readonly unknown[]): string;
}

/** Reads a file, or stdin for `undefined` and `-`. */
export async function readText(file: string | undefined): Promise<string> {
  if (file !== undefined && file !== "-") {
    try {
      return await readFile(file, "utf8");
    } catch (error) {
      throw new ArgumentError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
  return Buffer.concat(chunks).toString("utf8");
}

/** The lines of `text`, without their ends. */
export function parseLines(text: string): Input {
  const lines = text.split(/\r?\n/u);
  if (lines.at(-1) === "") lines.pop();
  return { items: lines, render: (kept) => kept.map((line) => `${String(line)}\n`).join("") };
}

/**
 * The records of a JSON document: an array, or an object whose values are the records. `path` leads to them inside the
 * document. An object comes out as an object again, with the keys that were kept.
 */
export function parseJson(text: string, path: string | undefined): Input {
  const found = dig(parse(text), path);
  if (Array.isArray(found)) return { items: found, render: (kept) => `${JSON.stringify(kept, undefined, 2)}\n` };
  if (typeof found !== "object" || found === null) {
    const where = path === undefined ? "the input" : `"${path}"`;
    throw new ArgumentError(`expected ${where} to be an array or an object of records. Got: ${typeof found}`);
  }
  const entries = Object.entries(found);
  const items = entries.map(([key, record]) => keyed(key, record));
  return {
    items,
    render: (kept) => {
      const keys = new Set(kept.map((item) => keyOf(item)));
      const chosen = entries.filter(([key]) => keys.has(key));
      return `${JSON.stringify(Object.fromEntries(chosen), undefined, 2)}\n`;
    },
  };
}

const keyField = "$key";

/** A record with its key, which predicates can ask for as `$key`. */
function keyed(key: string, record: unknown): unknown {
  if (typeof record === "object" && record !== null && !Array.isArray(record)) return { [keyField]: key, ...record };
  return { [keyField]: key, value: record };
}

function keyOf(item: unknown): unknown {
  return typeof item === "object" && item !== null ? Reflect.get(item, keyField) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ArgumentError(`the input is no JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function dig(document: unknown, path: string | undefined): unknown {
  let value = document;
  for (const field of path === undefined ? [] : path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, field)) {
      throw new ArgumentError(`there is no "${path ?? ""}" in the input`);
    }
    value = Reflect.get(value, field);
  }
  return value;
}
