/** What every transport owes the sessions above it, as a suite to be applied to an implementation. */
import { TransportError } from "@otp/core";
import type { Transport, TransportEvents, TransportIdentity } from "@otp/core/transport";
import { describe, expect, it, onTestFinished, vi } from "vitest";

/** An open transport with what it has told. */
interface Member {
  readonly transport: Transport;
  readonly datagrams: { readonly from: string; readonly bytes: readonly number[] }[];
  readonly unreachable: string[];
}

const patience = { timeout: 10_000, interval: 5 };

/** Takes names of their own for each test, since the medium may be shared with others, and opens transports. */
interface Bench {
  readonly makeTransport: () => Transport;
  readonly nameFor: (stem: string) => string;
  readonly open: (name: string, given?: Partial<TransportIdentity>) => Promise<Member>;
}

/**
 * Declares the tests of a transport. `makeTransport` makes one that is not open yet; all it makes share one medium.
 *
 * A transport may lose, double and reorder, so whatever has to arrive is sent until it does.
 *
 * ```ts ignore
 * // Declares tests, which an example that is itself a test cannot.
 * describe("my transport", () => transportContract(() => new MyTransport("…")));
 * ```
 */
export function transportContract(makeTransport: () => Transport): void {
  const bench = benchFor(makeTransport);
  describe("the transport contract: datagrams", () => carrying(bench));
  describe("the transport contract: names", () => naming(bench));
  describe("the transport contract: the end", () => ending(bench));
}

function benchFor(makeTransport: () => Transport): Bench {
  let members = 0;

  function nameFor(stem: string): string {
    members += 1;
    return `${stem}${String(members)}@contract`;
  }

  async function open(name: string, given: Partial<TransportIdentity> = {}): Promise<Member> {
    const transport = makeTransport();
    const datagrams: Member["datagrams"] = [];
    const unreachable: string[] = [];
    const events: TransportEvents = {
      // Copied, since the bytes are the transport's again after the call.
      datagram: (from, bytes) => datagrams.push({ from, bytes: [...bytes] }),
      unreachable: (peer) => unreachable.push(peer),
      status: () => undefined,
      closed: () => undefined,
    };
    await transport.open({ name, creation: 4, hidden: false, ...given }, events);
    onTestFinished(() => transport.close());
    return { transport, datagrams, unreachable };
  }

  return { makeTransport, nameFor, open };
}

function carrying({ nameFor, open }: Bench): void {
  it("reach the node of that name and no other, with the sender's name", async () => {
    const [a, b, c] = [nameFor("a"), nameFor("b"), nameFor("c")];
    const [from, to, other] = [await open(a), await open(b), await open(c)];
    await vi.waitFor(() => {
      from.transport.send(b, Uint8Array.of(1, 2, 255));
      expect(to.datagrams).toContainEqual({ from: a, bytes: [1, 2, 255] });
    }, patience);
    expect(other.datagrams).toEqual([]);
  });

  it("are delivered in a later turn, never from within send", async () => {
    const [a, b] = [nameFor("a"), nameFor("b")];
    const [from, to] = [await open(a), await open(b)];
    await vi.waitFor(() => {
      const before = to.datagrams.length;
      from.transport.send(b, Uint8Array.of(1));
      expect(to.datagrams.length).toBe(before);
      expect(before).toBeGreaterThan(0);
    }, patience);
  });

  it("may be empty, and as large as maxDatagram says", async () => {
    const [a, b] = [nameFor("a"), nameFor("b")];
    const [from, to] = [await open(a), await open(b)];
    const largest = from.transport.maxDatagram;
    expect(largest).toBeGreaterThanOrEqual(512);
    await vi.waitFor(() => {
      from.transport.send(b, new Uint8Array(0));
      from.transport.send(b, new Uint8Array(Math.min(largest, 1024 * 1024)));
      const sizes = to.datagrams.map(({ bytes }) => bytes.length);
      expect(sizes).toEqual(expect.arrayContaining([0, Math.min(largest, 1024 * 1024)]));
    }, patience);
  });

  it("that are too large, or for nobody, are lost and disturb nothing", async () => {
    const [a, b] = [nameFor("a"), nameFor("b")];
    const [from, to] = [await open(a), await open(b)];
    const most = from.transport.maxDatagram;
    from.transport.send(b, new Uint8Array(most + 1));
    from.transport.send(b, new Uint8Array(2 * most));
    for (const nobody of [nameFor("nobody"), "", "*", ">", "x".repeat(1_000), "b\r\n"]) {
      from.transport.send(nobody, Uint8Array.of(1));
      from.transport.probe(nobody);
    }
    await vi.waitFor(() => {
      from.transport.send(b, Uint8Array.of(7));
      expect(to.datagrams).toContainEqual({ from: a, bytes: [7] });
    }, patience);
    // Whatever was sent before them has come or is lost by now: what says what its limit is keeps to it.
    expect(to.datagrams.filter(({ bytes }) => bytes.length > most)).toEqual([]);
  });
}

function naming({ nameFor, open }: Bench): void {
  it("NODE-19 have one live holder, and are free after close", async () => {
    const name = nameFor("a");
    const first = await open(name);
    await expect(open(name, { creation: 5 })).rejects.toBeInstanceOf(TransportError);
    await first.transport.close();
    await open(name, { creation: 6 });
  });

  it("are discovered unless hidden, where the medium can tell", async () => {
    const [a, b, c] = [nameFor("a"), nameFor("b"), nameFor("c")];
    const asking = await open(a);
    await open(b);
    await open(c, { hidden: true });
    const found = await asking.transport.discover();
    if (found.length > 0) expect(found).toContain(b);
    expect(found).not.toContain(c);
  });

  it("of those who listen are not called unreachable", async () => {
    const [a, b] = [nameFor("a"), nameFor("b")];
    const [asking, there] = [await open(a), await open(b)];
    asking.transport.probe(b);
    // What comes after the probe comes after its answer, too.
    await vi.waitFor(() => {
      asking.transport.send(b, Uint8Array.of(1));
      there.transport.send(a, Uint8Array.of(2));
      expect(asking.datagrams.length).toBeGreaterThan(0);
    }, patience);
    expect(asking.unreachable).toEqual([]);
  });
}

function ending({ makeTransport, nameFor, open }: Bench): void {
  it("silences it: no call after close has resolved, and sending is harmless", async () => {
    const [a, b, c] = [nameFor("a"), nameFor("b"), nameFor("c")];
    const [from, to, witness] = [await open(a), await open(b), await open(c)];
    for (let n = 0; n < 100; n += 1) from.transport.send(b, Uint8Array.of(1));
    await to.transport.close();
    const heard = to.datagrams.length;
    to.transport.send(a, Uint8Array.of(1));
    to.transport.probe(a);
    await vi.waitFor(() => {
      from.transport.send(b, Uint8Array.of(1));
      from.transport.send(c, Uint8Array.of(1));
      expect(witness.datagrams.length).toBeGreaterThan(0);
    }, patience);
    expect(to.datagrams.length).toBe(heard);
    expect(to.transport.bufferedBytes).toBe(0);
  });

  it("may come before the beginning, and twice", async () => {
    const unopened = makeTransport();
    unopened.send("b@contract", Uint8Array.of(1));
    await unopened.close();
    const opened = await open(nameFor("a"));
    await opened.transport.close();
    await opened.transport.close();
  });
}
