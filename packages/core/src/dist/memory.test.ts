import { describe, expect, it } from "vitest";

import { ManualRuntime } from "../runtime/manual.ts";
import { memoryHub } from "./memory.ts";
import type { TransportEvents } from "./transport.ts";

const bytes = Uint8Array.of(1, 2, 3);

function listener(): { events: TransportEvents; heard: string[] } {
  const heard: string[] = [];
  const events: TransportEvents = {
    datagram: (from, got) => heard.push(`${from} ${got.length}`),
    unreachable: (peer) => heard.push(`${peer} absent`),
    status: () => undefined,
    closed: () => undefined,
  };
  return { events, heard };
}

describe("the memory transport", () => {
  it("delivers in order and in a later turn", async () => {
    const runtime = new ManualRuntime();
    const hub = memoryHub({ runtime });
    const [a, b] = [hub.transport(), hub.transport()];
    const { events, heard } = listener();
    await a.open({ name: "a@x", creation: 1, hidden: false }, listener().events);
    await b.open({ name: "b@x", creation: 1, hidden: false }, events);
    a.send("b@x", bytes);
    a.send("b@x", Uint8Array.of(1));
    a.send("nobody@x", bytes);
    expect(heard).toEqual([]);
    await runtime.settle();
    expect(heard).toEqual(["a@x 3", "a@x 1"]);
  });

  it("refuses a name that is taken, says who is absent, and shows who is not hidden", async () => {
    const runtime = new ManualRuntime();
    const hub = memoryHub({ runtime });
    const [a, b, c] = [hub.transport(), hub.transport(), hub.transport()];
    const { events, heard } = listener();
    await a.open({ name: "a@x", creation: 1, hidden: false }, events);
    await c.open({ name: "c@x", creation: 1, hidden: true }, events);
    await expect(b.open({ name: "a@x", creation: 2, hidden: false }, events)).rejects.toThrow(/a@x is taken/u);
    a.probe("c@x");
    a.probe("b@x");
    await runtime.settle();
    expect(heard).toEqual(["b@x absent"]);
    expect(await a.discover()).toEqual(["a@x"]);
  });

  it("calls nobody after it was closed, and gives the name free", async () => {
    const runtime = new ManualRuntime();
    const hub = memoryHub({ runtime });
    const [a, b] = [hub.transport(), hub.transport()];
    const { events, heard } = listener();
    await a.open({ name: "a@x", creation: 1, hidden: false }, listener().events);
    await b.open({ name: "b@x", creation: 1, hidden: false }, events);
    a.send("b@x", bytes);
    await b.close();
    await runtime.settle();
    expect(heard).toEqual([]);
    await hub.transport().open({ name: "b@x", creation: 2, hidden: false }, events);
  });

  it("loses what is larger than it carries", async () => {
    const runtime = new ManualRuntime();
    const hub = memoryHub({ runtime, maxDatagram: 2 });
    const [a, b] = [hub.transport(), hub.transport()];
    const { events, heard } = listener();
    await a.open({ name: "a@x", creation: 1, hidden: false }, listener().events);
    await b.open({ name: "b@x", creation: 1, hidden: false }, events);
    a.send("b@x", bytes);
    await runtime.settle();
    expect(heard).toEqual([]);
  });
});
