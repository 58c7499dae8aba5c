import { ArgumentError } from "@otp/core";
import { describe, expect, it } from "vitest";

import { settingsFrom } from "./options.ts";

const settings = (options: Parameters<typeof settingsFrom>[0], env = {}): ReturnType<typeof settingsFrom> =>
  settingsFrom(options, env);

describe("settingsFrom", () => {
  it("has defaults for everything", () => {
    expect(settings({})).toEqual({
      servers: ["nats://127.0.0.1:4222"],
      cluster: "otp",
      prefix: "otp",
      login: { kind: "none" },
      tls: undefined,
      options: {},
    });
  });

  it("takes the servers from NATS_URL unless they are given", () => {
    const env = { NATS_URL: "nats://one:1, two:2" };
    expect(settings({}, env).servers).toEqual(["nats://one:1", "nats://two:2"]);
    expect(settings({ servers: ["nats://[::1]:4222"] }, env).servers).toEqual(["nats://[::1]:4222"]);
    expect(settings({}, { NATS_URL: "" }).servers).toEqual(["nats://127.0.0.1:4222"]);
  });

  it("takes the login out of an address, and leaves nothing secret in it", () => {
    expect(settings({ servers: "nats://joe:s%40cret@host:4222" })).toMatchObject({
      servers: ["nats://host:4222"],
      login: { kind: "password", user: "joe", password: "s@cret" },
    });
    expect(settings({ servers: "nats://t0ken@host" }).login).toEqual({ kind: "token", token: "t0ken" });
    expect(settings({ servers: "nats://t0ken@host", user: "joe" }).login).toMatchObject({ user: "joe" });
  });

  it("encrypts for tls:// addresses and when asked to", () => {
    expect(settings({ servers: "tls://host:4222" }).tls).toEqual({});
    expect(settings({ tls: { caFile: "ca.pem" } }).tls).toEqual({ caFile: "ca.pem" });
  });

  it("knows a credentials text from a file", () => {
    const text = "-----BEGIN NATS USER JWT-----\n…";
    expect(settings({ credentials: text }).login).toEqual({ kind: "credentials", text });
    expect(settings({ credentials: import.meta.filename }).login.kind).toBe("credentials_file");
    expect(() => settings({ credentials: "/nowhere.creds" })).toThrow(/no file "\/nowhere\.creds"/);
  });

  it("refuses what makes no sense, and shows no secret", () => {
    expect(() => settings({ servers: "http://host" })).toThrow(ArgumentError);
    expect(() => settings({ servers: "nats://" })).toThrow(ArgumentError);
    expect(() => settings({ servers: "nats://a%zz@host" })).toThrow(/"nats:\/\/…@host"/);
    expect(() => settings({ servers: "ftp://joe:secret@host" })).toThrow(/"ftp:\/\/…@host"/);
    expect(() => settings({ token: "a", nkey: "b" })).toThrow(/one way to log in/);
    expect(() => settings({ password: "a" })).toThrow(/a user with the password/);
  });
});
