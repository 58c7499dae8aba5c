/** The commands of the line protocol: how they are written, and what they do. */
import { CallError, type Process, remote, type RemoteFunction, RpcError } from "@otp/core";
import { Agent } from "@otp/genserver";

import { createBucket, findBucket, type Bucket, type Contents } from "./buckets.ts";

/** A command, understood. */
export type Command =
  | { readonly type: "create"; readonly bucket: string }
  | { readonly type: "get"; readonly bucket: string; readonly key: string }
  | { readonly type: "put"; readonly bucket: string; readonly key: string; readonly value: string }
  | { readonly type: "delete"; readonly bucket: string; readonly key: string };

/** Understands a line; undefined when it is none of the commands. */
export function parse(line: string): Command | undefined {
  const [verb, bucket, key, value, ...rest] = line.split(/\s+/u).filter((word) => word !== "");
  if (bucket === undefined || rest.length > 0) return undefined;
  if (verb === "CREATE" && key === undefined) return { type: "create", bucket };
  if (key === undefined) return undefined;
  if (verb === "PUT") return value === undefined ? undefined : { type: "put", bucket, key, value };
  if (value !== undefined) return undefined;
  if (verb === "GET") return { type: "get", bucket, key };
  return verb === "DELETE" ? { type: "delete", bucket, key } : undefined;
}

/** Runs a command on the node that keeps its bucket; called there by the others. */
export const execute: RemoteFunction<(self: Process, command: Command) => Promise<string>> = remote(
  "kv/execute",
  async (self, command) => {
    if (command.type === "create") {
      await createBucket(self, command.bucket);
      return "OK";
    }
    const bucket = findBucket(self, command.bucket);
    if (bucket === undefined) return "NOT FOUND";
    try {
      return await inBucket(self, bucket, command);
    } catch (error) {
      // It has ended since it was looked up.
      if (error instanceof CallError && error.reason === "noproc") return "NOT FOUND";
      throw error;
    }
  },
);

async function inBucket(
  self: Process,
  bucket: Bucket,
  command: Exclude<Command, { readonly type: "create" }>,
): Promise<string> {
  const { key } = command;
  switch (command.type) {
    case "get": {
      const value = await Agent.get(self, bucket, (contents) => contents.get(key));
      return `${value ?? ""}\r\nOK`;
    }
    case "put":
      await Agent.update(self, bucket, (contents): Contents => new Map(contents).set(key, command.value));
      return "OK";
    case "delete":
      await Agent.update(self, bucket, (contents): Contents => new Map([...contents].filter(([held]) => held !== key)));
      return "OK";
  }
}

/** The answer to a line: of this node, or of the one in `nodes` that keeps the buckets with such names. */
export async function answer(self: Process, line: string, nodes: readonly string[]): Promise<string> {
  const command = parse(line);
  if (command === undefined) return "UNKNOWN COMMAND";
  const node = nodeFor(command.bucket, nodes) ?? self.node.name;
  try {
    return await self.node.rpc.call(node, execute, [command], { pass: "self", timeoutMs: 5_000 });
  } catch (error) {
    if (error instanceof RpcError) return `UNAVAILABLE ${node}`;
    throw error;
  }
}

/** Who keeps a bucket: each of the nodes has a part of the alphabet, as volumes of an encyclopedia do. */
export function nodeFor(bucket: string, nodes: readonly string[]): string | undefined {
  const letter = (bucket.toLowerCase().codePointAt(0) ?? 0) - 97;
  const volume = Math.floor((Math.min(Math.max(letter, 0), 25) / 26) * nodes.length);
  return nodes[volume];
}
