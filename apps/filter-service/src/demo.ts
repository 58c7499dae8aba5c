/**
 * `npm run demo`: the whole thing in a few seconds.
 *
 * Two nodes, in two OS processes over NATS where there is a nats-server, else in this one. One serves, the other filters
 * the packages of this repository's lock file through the service's global name, plays ping-pong with a process that it
 * has spawned over there, and is told when the serving node is killed.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { type Node, TIMEOUT } from "@otp/core";

import { filterRemotely, findService, inProcess } from "./client.ts";
import { pong } from "./demo-pong.ts";
import { type Stage, setStage } from "./demo-stage.ts";
import { parseJson } from "./input.ts";
import { parsePredicate } from "./predicates.ts";

const lockFile = join(import.meta.dirname, "../../../package-lock.json");

/** Plays the demo on a stage of two nodes. */
async function play(stage: Stage): Promise<void> {
  const { client, workerName } = stage;
  await findService(client, { waitMs: 5_000 });
  say(`${client.name} sees ${client.list().join(", ")} and the global name FilterService`);
  await filterLockFile(client);
  await inProcess(client, async (self) => {
    const pid = self.spawnLink({ node: workerName }, pong);
    self.send(pid, { type: "ping", from: self.pid });
    const { by } = await self.receive({ type: "pong" });
    say(`ping … pong from ${String(by)}, spawned on ${workerName} and linked to ${self.pid}`);
  });
  await inProcess(client, async (self) => {
    const service = client.global.whereisName("FilterService");
    if (service === undefined) throw new Error("the service has gone");
    const ref = self.monitor(service);
    const since = client.monotonicTime();
    await stage.killWorker();
    const down = await self.receive({ type: "DOWN", ref }, { after: 30_000 });
    if (down === TIMEOUT) throw new Error("the death of the serving node was not noticed");
    const tookMs = Math.round(client.monotonicTime() - since);
    say(
      `the serving node was killed: DOWN with ${String(down["reason"])} after ${tookMs} ms; its global name is free again`,
    );
  });
}

async function filterLockFile(client: Node): Promise<void> {
  const { items } = parseJson(await readFile(lockFile, "utf8"), "packages");
  for (const where of ["not:has:dev", "eq:license:Apache-2.0", "matches:oxlint|oxfmt", "has:bin"]) {
    const started = client.monotonicTime();
    const kept = await filterRemotely(client, {
      items,
      predicate: parsePredicate(where),
      timeoutMs: 10_000,
      pieceSize: 500,
    });
    const tookMs = Math.round(client.monotonicTime() - started);
    say(`${where.padEnd(22)} keeps ${kept.length} of ${items.length} records of package-lock.json (${tookMs} ms)`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await using stage = await setStage(say);
await play(stage);
say("done");
