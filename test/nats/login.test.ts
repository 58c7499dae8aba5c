/** Logging in at a real nats-server, and what it may forbid. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { nats } from "@otp/transport-nats";
import { startLocalServer } from "@otp/transport-nats/local-server";
import { nkeys } from "nats";
import { describe, expect, it, vi } from "vitest";

import { bytesOf, natsWorld, openNats, patience, recorder, type NatsWorld } from "../support/nats-nodes.ts";

/** Two nodes with this login talk to each other, in a cluster of their own. */
async function talk(world: NatsWorld, login: object): Promise<void> {
  const options = { ...login, cluster: randomUUID() };
  const a = await world.open("a", options);
  const b = await world.open("b", options);
  a.transport.send("b", bytesOf("x"));
  await vi.waitFor(() => expect(b.seen.datagrams).toEqual([["a", "x"]]), patience);
}

describe("user and password", () => {
  const world = natsWorld("authorization { user: joe, password: secret }");

  it("are accepted as options and in the address", async () => {
    await talk(world, { user: "joe", password: "secret" });
    await talk(world, { servers: world.url().replace("://", "://joe:secret@") });
  });

  it("are asked for when they are wrong or missing, and never shown", async () => {
    const wrong = world.open("a", { user: "joe", password: "letmein" });
    await expect(wrong).rejects.toThrow(/refused the login .*Check user and password, token, nkey or credentials/);
    await expect(wrong).rejects.not.toThrow(/letmein/);
    await expect(world.open("a")).rejects.toThrow(/refused the login/);
  });
});

describe("a token", () => {
  const world = natsWorld("authorization { token: s3cr3t }");

  it("is accepted as an option and in the address", async () => {
    await talk(world, { token: "s3cr3t" });
    await talk(world, { servers: world.url().replace("://", "://s3cr3t@") });
    await expect(world.open("a", { token: "other" })).rejects.toThrow(/refused the login/);
  });
});

describe("an nkey", () => {
  const user = nkeys.createUser();
  const world = natsWorld(`authorization { users: [{ nkey: ${user.getPublicKey()} }] }`);

  it("is proved with its seed", async () => {
    await talk(world, { nkey: new TextDecoder().decode(user.getSeed()) });
    const stranger = new TextDecoder().decode(nkeys.createUser().getSeed());
    await expect(world.open("a", { nkey: stranger })).rejects.toThrow(/refused the login/);
    await expect(world.open("a", { nkey: "no seed" })).rejects.toThrow(/Check/);
  });
});

describe("an encrypted connection", () => {
  const file = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
  const world = natsWorld(`tls { cert_file: "${file("server.pem")}", key_file: "${file("server-key.pem")}" }`);

  it("is made when the server's certificate is known, by file or as text", async () => {
    await talk(world, { tls: { caFile: file("ca.pem") } });
    await talk(world, {
      tls: { ca: readFileSync(file("ca.pem"), "utf8") },
      servers: world.url().replace("nats:", "tls:"),
    });
  });

  it("is refused when the certificate is not known", async () => {
    await expect(world.open("a", { tls: {} })).rejects.toThrow(/certificate.*Check .*the option tls/);
    await expect(world.open("a", { tls: { caFile: "/nowhere.pem" } })).rejects.toThrow(/nowhere\.pem doesn't exist/);
  });

  it("is demanded of a server that offers none", async () => {
    await using plain = await startLocalServer();
    await expect(openNats("a", { servers: plain.url, tls: {} })).rejects.toThrow(/does not offer what was asked/);
  });
});

describe("permissions that make a sender's name unforgeable", () => {
  const may = (name: string): string =>
    `{ user: ${name}, password: p, permissions: {
        publish: ["otp.otp.to.*.from.${name}", "otp.otp.hello.${name}"],
        subscribe: ["otp.otp.to.${name}.from.*", "otp.otp.hello.*"] } }`;
  const world = natsWorld(`authorization { users: [${may("a")}, ${may("b")}, ${may("c")}] }`);
  const as = (name: string): object => ({ user: name, password: "p" });

  it("are enough for all that a node does", async () => {
    const a = await world.open("a", as("a"));
    const b = await world.open("b", as("b"));
    a.transport.send("b", bytesOf("x"));
    await vi.waitFor(() => expect(b.seen.datagrams).toEqual([["a", "x"]]), patience);
    a.transport.probe("c");
    await vi.waitFor(() => expect(a.seen.unreachable).toEqual(["c"]), patience);
    expect(await a.transport.discover()).toEqual(["b"]);
    await expect(world.open("a", as("a"))).rejects.toThrow(/already in use/);
  });

  it("keep a node from another's name, and it says so", async () => {
    await expect(world.open("b", as("c"))).rejects.toThrow(/does not allow "otp\.otp\.to\.b\.from\.[b*]"/);
  });
});

describe("credentials that are withdrawn", () => {
  it("end the transport with an error", async () => {
    await using server = await startLocalServer({ config: "authorization { user: joe, password: one }" });
    const { seen, events } = recorder();
    const transport = nats({ servers: server.url, user: "joe", password: "one" });
    await transport.open({ name: "a", creation: 1, hidden: false }, events);
    const { port } = server;
    await server.kill();
    await using other = await startLocalServer({ config: "authorization { user: joe, password: two }", port });
    expect(other.port).toBe(port);
    await vi.waitFor(() => expect(seen.closed).toHaveLength(1), patience);
    expect(String(seen.closed[0])).toMatch(/refused the login/);
    await transport.close();
  });
});

describe("an address that leads nowhere", () => {
  it("is refused with what to do", async () => {
    const unknown = openNats("a", { servers: "nats://no-such-host.invalid:4222" });
    await expect(unknown).rejects.toThrow(/no-such-host\.invalid.*(Correct|Check)/);
  });
});
