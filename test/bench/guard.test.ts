/**
 * Guards the speed of the kernel: what a row costs beside a loop of bare promises, measured in turn in this very process.
 *
 * Only the ratio of the best rounds is compared, by CPU time, with bounds of more than twice what was measured when they were
 * set: a busy machine does not reach them, a row that has lost its way does.
 */
import { Node } from "@otp/core";
import { expect, it, onTestFinished } from "vitest";

import { messageRows } from "./contenders/otp-messages.ts";
import { processRows } from "./contenders/otp-processes.ts";

/** The most that one operation may cost, in round trips between two bare async functions. */
const bounds: Readonly<Record<string, { readonly size: number; readonly most: number }>> = {
  call: { size: 5_000, most: 15 },
  cast: { size: 10_000, most: 5 },
  send: { size: 10_000, most: 2 },
  pingpong: { size: 5_000, most: 10 },
  ring: { size: 5_000, most: 8 },
  spawn: { size: 5_000, most: 4 },
  genserver_start_stop: { size: 1_000, most: 56 },
  monitor: { size: 2_000, most: 15 },
  selective_ref: { size: 1_000, most: 90 },
};

const rounds = 7;

it.each(Object.entries(bounds))("%s costs what it did, within a wide margin", async (row, { size, most }) => {
  const rows = await startRows();
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    bare.push((await cpuTime(() => roundTrips(20_000))) / 20_000);
    ours.push((await cpuTime(async () => rows[row]?.(size))) / size);
  }
  // What a round may have been disturbed by only makes it slower: the best of each is what the code costs.
  expect(Math.min(...ours) / Math.min(...bare), "round trips of bare promises").toBeLessThan(most);
});

it("a mailbox ten times as long takes about ten times as long to drain", async () => {
  const { backlog } = await startRows();
  const few: number[] = [];
  const many: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    few.push(await cpuTime(async () => backlog?.(10_000)));
    many.push(await cpuTime(async () => backlog?.(100_000)));
  }
  expect(Math.min(...many) / Math.min(...few), "cost of ten times as many").toBeLessThan(40);
});

async function startRows(): Promise<ReturnType<typeof messageRows>> {
  const node = await Node.start({ isolation: "share" });
  onTestFinished(() => node.stop());
  return { ...messageRows(node), ...processRows(node) };
}

/** The CPU time in µs that `work` takes: other processes of the machine do not count. */
async function cpuTime(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** Exchanges between two async functions which have nothing but promises. */
async function roundTrips(count: number): Promise<void> {
  let wake: (() => void) | undefined;
  const received = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  const echo = (async () => {
    for (let i = 0; i < count; i += 1) await received();
  })();
  for (let i = 0; i < count; i += 1) {
    wake?.();
    await undefined;
    await undefined;
  }
  await echo;
}
