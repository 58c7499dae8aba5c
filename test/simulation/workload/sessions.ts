/**
 * The workload of sessions: two nodes send each other small and large messages over a medium at its worst, with pauses that a
 * session has to outlast and cuts that it cannot. What arrives is whole, in order and once; what is missing is the end of an
 * epoch; what can be outlasted loses nothing and is not noticed (TR-1 … TR-6).
 */
import type { Node, Pid, Process } from "@otp/core";
import type { Simulation, Weather } from "@otp/testing";
import fc from "fast-check";

import { drawn } from "./drawn.ts";
import { type Ear, listen, needlessLosses } from "./silence.ts";

/** The medium of this workload. */
export const stormy: Weather = { loss: 0.1, duplication: 0.1, latencies: [1, 2, 5, 20, 60] };

const steps = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant("send" as const),
        lane: fc.nat(5),
        size: fc.constantFrom(0, 0, 0, 100, 3_000, 80_000, 300_000),
        times: fc.integer({ min: 1, max: 12 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(0, 1, 20, 400) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("stall" as const), way: fc.nat(2), ms: fc.constantFrom(200, 900) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("idle" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("trickle" as const) }) },
  ),
  { minLength: 8, maxLength: 20, size: "max" },
);
const programs = fc.record({ steps, cutsAt: fc.option(fc.nat(20)) });

/** What is sent under that number. */
function contentOf(serial: number, size: number): Buffer {
  return Buffer.alloc(size, serial % 251);
}

interface Sent {
  readonly lane: number;
  readonly serial: number;
  readonly size: number;
  readonly epoch: number;
}

/** The scenario of a seed. */
export function sessions(seed: number): (sim: Simulation) => Promise<void> {
  return (sim) => new Traffic(sim, seed).run();
}

class Traffic {
  readonly #sim: Simulation;
  readonly #seed: number;
  readonly #sent: Sent[] = [];
  readonly #got: { readonly lane: number; readonly serial: number }[] = [];
  readonly #faults: string[] = [];
  #serial = 0;

  constructor(sim: Simulation, seed: number) {
    this.#sim = sim;
    this.#seed = seed;
  }

  async run(): Promise<void> {
    const sim = this.#sim;
    const { steps: program, cutsAt } = drawn(programs, this.#seed);
    const [a, b] = [await sim.node("a"), await sim.node("b")];
    await sim.mesh();
    const ears = listen(sim, [a, b]);
    const sinks = [this.#sink(a), this.#sink(b)];
    const senders: Process[] = [];
    for (const node of [a, b, a, b, a, b]) this.#sender(node, senders);
    await sim.run({ until: () => senders.length === 6 });
    for (const [at, step] of program.entries()) {
      if (at === cutsAt) {
        sim.partition([a], [b]);
        await sim.run({ for: 6_000 });
        if (ears.some(({ losses }) => losses.length === 0))
          this.#faults.push("NODE-20: six seconds of silence were not noticed");
        sim.heal();
        await sim.run({ for: 1_000 });
        await a.connect(b.name);
      } else if (step.do === "wait") await sim.run({ for: step.ms });
      else if (step.do === "idle") await this.#idle(a);
      else if (step.do === "trickle") await this.#trickle(senders[0], sinks[1], ears[0]);
      else if (step.do === "stall") {
        const [from, to] = step.way === 1 ? [b, a] : [a, b];
        sim.partition([from], [to], { oneWay: step.way < 2 });
        await sim.run({ for: step.ms });
        sim.heal();
        // So that two pauses are not one that is too long.
        await sim.run({ for: 1_500 });
      } else {
        const [sender, sink, ear] = [senders[step.lane], sinks[(step.lane + 1) % 2], ears[step.lane % 2]];
        if (sender === undefined || sink === undefined || ear === undefined) throw new Error("there is no such lane");
        for (let time = 0; time < step.times; time += 1)
          this.#send(sender, sink, { ...step, epoch: ear.losses.length });
      }
    }
    await sim.run({ for: 30_000 });
    this.#faults.push(...needlessLosses(ears));
    if (a.isBusy(b.name) || b.isBusy(a.name)) this.#faults.push("TR-8: still busy, with nothing to do");
    this.#judge(ears.every(({ losses }) => losses.length === 0));
    for (const sink of sinks) a.sendExit(sink, "kill");
    for (const sender of senders) sender.node.sendExit(sender.pid, "kill");
    for (const sink of sinks) b.sendExit(sink, "kill");
    if (this.#faults.length > 0) throw new Error(this.#faults.slice(0, 8).join("\n"));
  }

  #sender(node: Node, senders: Process[]): void {
    node.spawn(async (self: Process) => {
      senders.push(self);
      await self.sleep("infinity");
    });
  }

  #sink(node: Node): Pid {
    return node.spawn(async (self: Process) => {
      for (;;) {
        const message = await self.receive();
        if (typeof message !== "object" || message === null || !("serial" in message) || !("lane" in message)) continue;
        const { lane, serial } = message;
        if (typeof lane !== "number" || typeof serial !== "number") continue;
        const body = "body" in message && message.body instanceof Uint8Array ? message.body : new Uint8Array(0);
        if (!contentOf(serial, body.length).equals(body))
          this.#faults.push(`TR-1: the bytes of ${String(serial)} have changed`);
        const size = this.#sent[serial - 1]?.size;
        if (body.length !== size)
          this.#faults.push(`TR-1: ${String(serial)} has ${String(body.length)} bytes and not ${String(size)}`);
        this.#got.push({ lane, serial });
      }
    });
  }

  #send(sender: Process, sink: Pid, { lane, size, epoch }: Omit<Sent, "serial">): void {
    this.#serial += 1;
    const serial = this.#serial;
    this.#sent.push({ lane, serial, size, epoch });
    sender.send<unknown>(sink, { lane, serial, body: new Uint8Array(contentOf(serial, size)) });
  }

  /** Nothing to say costs little, and is no reason to part (NODE-20). */
  async #idle(node: Node): Promise<void> {
    await this.#sim.run({ for: 3_000 });
    const before = node.counters()?.framesSent ?? 0;
    await this.#sim.run({ for: 20_000 });
    const frames = (node.counters()?.framesSent ?? 0) - before;
    if (frames > 120) this.#faults.push(`TR-8: ${String(frames)} frames in 20 s without traffic`);
  }

  /** What is said now and then is said once, but where it, or the word that it has come, was lost or late. */
  async #trickle(sender: Process | undefined, sink: Pid | undefined, ear: Ear | undefined): Promise<void> {
    if (sender === undefined || sink === undefined || ear === undefined) throw new Error("there is no such lane");
    await this.#sim.run({ for: 3_000 });
    const before = sender.node.counters()?.framesSent ?? 0;
    for (let time = 0; time < 30; time += 1) {
      this.#send(sender, sink, { lane: 0, size: 0, epoch: ear.losses.length });
      await this.#sim.run({ for: 400 });
    }
    const frames = (sender.node.counters()?.framesSent ?? 0) - before;
    if (frames > 56) this.#faults.push(`TR-8: ${String(frames)} frames for 30 small messages`);
  }

  #judge(isCalm: boolean): void {
    for (let lane = 0; lane < 6; lane += 1) {
      const got = this.#got.filter((one) => one.lane === lane).map(({ serial }) => serial);
      for (const [at, serial] of got.entries()) {
        const before = got[at - 1] ?? 0;
        if (serial <= before)
          this.#faults.push(`TR-1: ${String(serial)} came after ${String(before)} in lane ${String(lane)}`);
      }
      const arrived = new Set(got);
      const sent = this.#sent.filter((one) => one.lane === lane);
      const lost = new Set<number>();
      for (const { serial, epoch } of sent) {
        if (!arrived.has(serial)) lost.add(epoch);
        else if (lost.has(epoch)) this.#faults.push(`TR-2: lane ${String(lane)} has a hole before ${String(serial)}`);
      }
      if (isCalm && arrived.size < sent.length) {
        this.#faults.push(
          `TR-1: ${String(sent.length - arrived.size)} of ${String(sent.length)} are missing in lane ${String(lane)}`,
        );
      }
    }
  }
}
