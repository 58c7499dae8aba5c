import { describe, expect, it } from "vitest";

import { IdentityTable } from "../term/identity.ts";
import type { Sendable } from "../term/sendable.ts";
import { ErlangCodec } from "./erlang-codec.ts";

class Ticket implements Sendable {
  readonly #number: number;

  constructor(number: number) {
    this.#number = number;
  }

  "~toTerm"(): unknown {
    return { type: "ticket", number: this.#number };
  }
}

describe("objects that say what they are in a message", () => {
  const codec = new ErlangCodec({ identities: new IdentityTable("one@localhost", 5) });

  it("arrive as that, wherever they stand", () => {
    const sent = { list: [new Ticket(1)], map: new Map([["key", new Ticket(2)]]), own: new Ticket(3) };
    expect(codec.decode(codec.encode(sent))).toEqual({
      list: [{ type: "ticket", number: 1 }],
      map: new Map([["key", { type: "ticket", number: 2 }]]),
      own: { type: "ticket", number: 3 },
    });
  });

  it("are refused with the way to what cannot be sent, and stop at a depth", () => {
    const closure = { "~toTerm": undefined, fn: (): void => undefined };
    class Bad implements Sendable {
      "~toTerm"(): unknown {
        return { closure };
      }
    }
    class Endless implements Sendable {
      "~toTerm"(): unknown {
        return new Endless();
      }
    }
    expect(() => codec.encode({ at: new Bad() })).toThrow(/cannot send message\.at/);
    expect(() => codec.encode(new Endless())).toThrow(/nested/);
  });
});
