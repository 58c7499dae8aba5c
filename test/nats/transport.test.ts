/** The transport over a real nats-server, while nothing breaks. */
import { createConnection } from "node:net";

import { TransportError } from "@otp/core";
import { SystemRuntime } from "@otp/core/runtime";
import { nats } from "@otp/transport-nats";
import { startLocalServer } from "@otp/transport-nats/local-server";
import { headers } from "nats";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { bytesOf, patience, recorder, natsWorld } from "../support/nats-nodes.ts";

const { open, stranger, url } = natsWorld();

describe("datagrams", () => {
  it("reach the named node, with the sender's name", async () => {
    const a = await open("a@host.example.com");
    const b = await open("b@host");
    a.transport.send("b@host", bytesOf("hello"));
    b.transport.send("a@host.example.com", bytesOf(""));
    await vi.waitFor(() => expect(b.seen.datagrams).toEqual([["a@host.example.com", "hello"]]), patience);
    await vi.waitFor(() => expect(a.seen.datagrams).toEqual([["b@host", ""]]), patience);
  });

  it("arrive complete and in order while nothing breaks: 100,000 of them", async () => {
    const a = await open("a");
    const next: number[] = [];
    const datagram = (_from: string, bytes: Uint8Array): void => {
      next.push(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));
    };
    await open("b", { events: { datagram } });
    const count = 100_000;
    for (let n = 0; n < count; n += 1) {
      const bytes = new Uint8Array(64);
      new DataView(bytes.buffer).setUint32(0, n);
      a.transport.send("b", bytes);
    }
    await vi.waitFor(() => expect(next).toHaveLength(count), patience);
    expect(next.every((value, index) => value === index)).toBe(true);
  });

  it("do not cross clusters or prefixes", async () => {
    const a = await open("a", { cluster: "one" });
    const b = await open("b", { cluster: "two" });
    const c = await open("b", { cluster: "one", prefix: "elsewhere.too" });
    const d = await open("b", { cluster: "one" });
    a.transport.send("b", bytesOf("x"));
    await vi.waitFor(() => expect(d.seen.datagrams).toHaveLength(1), patience);
    expect([...b.seen.datagrams, ...c.seen.datagrams]).toEqual([]);
  });

  it("up to maxDatagram pass, larger ones are lost and break nothing", async () => {
    await using small = await startLocalServer({ config: "max_payload: 2048" });
    const a = await open("a", { servers: small.url });
    const b = await open("b", { servers: small.url });
    expect(a.transport.maxDatagram).toBeGreaterThan(1_500);
    expect(a.transport.maxDatagram).toBeLessThanOrEqual(2_048);
    a.transport.send("b", new Uint8Array(3_000));
    a.transport.send("b", new Uint8Array(a.transport.maxDatagram));
    await vi.waitFor(() => expect(b.seen.datagrams).toHaveLength(1), patience);
    expect(a.seen.status).toEqual([]);
  });

  it("to names no node can have are lost", async () => {
    const a = await open("a");
    for (const name of ["", "x".repeat(1_000), "\uD800", "b\r\n", "*", ">"]) {
      a.transport.send(name, bytesOf("x"));
      a.transport.probe(name);
    }
    const b = await open("b");
    a.transport.send("b", bytesOf("after"));
    await vi.waitFor(() => expect(b.seen.datagrams).toEqual([["a", "after"]]), patience);
  });
});

describe("a stranger", () => {
  it("cannot confuse a node with odd subjects, headers, replies or bytes", async () => {
    const a = await open("a");
    const other = await stranger();
    const bad = headers();
    bad.set("Any", "thing");
    for (const from of ["b@host", "=", "=2e", "=61", "*", ">", "x".repeat(300), "b\u00e9"]) {
      other.publish(`otp.otp.to.a.from.${from}`, bytesOf("x"));
    }
    other.publish("otp.otp.to.a.from.b", bytesOf("x"), { headers: bad });
    other.publish("otp.otp.to.a.from.b", bytesOf("x"), { reply: "otp.otp.to.a.from.c" });
    for (const bytes of [bytesOf(""), bytesOf("x"), new Uint8Array(18), new Uint8Array(1_000).fill(1)]) {
      other.publish("otp.otp.to.a.from.a", bytes, { reply: "any.where" });
      other.publish("otp.otp.to.a.from.=", bytes);
      other.publish("otp.otp.hello.b=zz", bytes);
    }
    other.publish("otp.otp.to.a.from.b", bytesOf("good"));
    await vi.waitFor(() => expect(a.seen.datagrams).toEqual([["b", "good"]]), patience);
    expect(a.seen.closed).toEqual([]);
  });

  it("cannot deafen a node with a header that the client refuses", async () => {
    const a = await open("a");
    const socket = createConnection(Number(new URL(url()).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    const header = "NATS/1.0\r\nb\u0001ad key: x\r\n\r\n";
    socket.write('CONNECT {"verbose":false,"headers":true}\r\n');
    socket.write(`HPUB otp.otp.to.a.from.b ${header.length} ${header.length}\r\n${header}\r\n`);
    socket.write("PUB otp.otp.to.a.from.b 2\r\nok\r\n");
    await vi.waitFor(() => expect(a.seen.datagrams).toEqual([["b", "ok"]]), patience);
  });
});

describe("an exception in the layer above", () => {
  it("is thrown where it is loud, and the node goes on hearing", async () => {
    const thrown: unknown[] = [];
    const a = await open("a");
    const seen: string[] = [];
    const runtime = new SystemRuntime();
    const defer = vi.spyOn(runtime, "defer").mockImplementation((run) => {
      try {
        run();
      } catch (error) {
        thrown.push(error);
      }
    });
    const datagram = (_from: string, bytes: Uint8Array): void => {
      seen.push(new TextDecoder().decode(bytes));
      if (seen.length === 1) throw new Error("above");
    };
    await open("b", { runtime, events: { datagram } });
    a.transport.send("b", bytesOf("1"));
    a.transport.send("b", bytesOf("2"));
    await vi.waitFor(() => expect(seen).toEqual(["1", "2"]), patience);
    expect(thrown).toEqual([new Error("above")]);
    expect(defer).toHaveBeenCalledTimes(1);
  });
});

describe("who is there", () => {
  it("a probe of a node that is not there is answered at once", async () => {
    const a = await open("a");
    await open("b");
    a.transport.probe("b");
    a.transport.probe("c@host");
    await vi.waitFor(() => expect(a.seen.unreachable).toEqual(["c@host"]), patience);
  });

  it("a probe of a node that was closed is answered at once, and of one that came back it is not", async () => {
    const a = await open("a");
    const b = await open("b");
    await b.transport.close();
    a.transport.probe("b");
    await vi.waitFor(() => expect(a.seen.unreachable).toEqual(["b"]), patience);
    const again = await open("b");
    a.transport.probe("b");
    a.transport.send("b", bytesOf("x"));
    await vi.waitFor(() => expect(again.seen.datagrams).toEqual([["a", "x"]]), patience);
    expect(a.seen.unreachable).toEqual(["b"]);
  });

  it("discover finds the visible nodes of the cluster", async () => {
    const a = await open("a", { cluster: "d" });
    await open("b@host", { cluster: "d" });
    await open("c", { cluster: "d" });
    await open("h", { cluster: "d", hidden: true });
    await open("e", { cluster: "other" });
    expect(await a.transport.discover()).toEqual(["b@host", "c"]);
    const b = await open("z", { cluster: "d", hidden: true });
    expect(await b.transport.discover()).toEqual(["a", "b@host", "c"]);
  });
});

describe("opening and closing", () => {
  it("rejects with what to do when there is no server", async () => {
    await expect(open("a", { servers: "nats://127.0.0.1:1" })).rejects.toThrow(
      /no NATS server at nats:\/\/127\.0\.0\.1:1: the connection was refused\. Start one \(nats-server\), or name another/,
    );
    await expect(open("a", { servers: "nats://127.0.0.1:1" })).rejects.toBeInstanceOf(TransportError);
  });

  it("takes the second server when the first does not answer", async () => {
    const a = await open("a", { servers: ["nats://127.0.0.1:1", url()] });
    expect(a.transport.maxDatagram).toBeGreaterThan(1_000_000);
  });

  it("reaches a server by its host name, also one that only this machine knows", async () => {
    await open("a", { servers: url().replace("127.0.0.1", "localhost") });
  });

  it("can be opened again after a close, and not while it is open", async () => {
    const { transport } = await open("a");
    const again = { name: "a", creation: 2, hidden: false };
    await expect(transport.open(again, recorder().events)).rejects.toThrow(/open already/);
    await transport.close();
    await transport.close();
    transport.send("b", bytesOf("lost"));
    transport.probe("b");
    expect(await transport.discover()).toEqual([]);
    expect(transport.bufferedBytes).toBe(0);
    await transport.open(again, recorder().events);
  });

  it("delivers what was sent before the close", async () => {
    const a = await open("a");
    const b = await open("b");
    for (let n = 0; n < 1_000; n += 1) a.transport.send("b", bytesOf(String(n)));
    await a.transport.close();
    await vi.waitFor(() => expect(b.seen.datagrams).toHaveLength(1_000), patience);
  });

  it("rejects the opening when it is closed meanwhile", async () => {
    const transport = nats({ servers: url() });
    const opening = transport.open({ name: "a", creation: 1, hidden: false }, recorder().events);
    await transport.close();
    await expect(opening).rejects.toThrow(/closed while it was being opened/);
    const b = await open("b");
    b.transport.probe("a");
    await vi.waitFor(() => expect(b.seen.unreachable).toEqual(["a"]), patience);
  });
});
