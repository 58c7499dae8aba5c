import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Node, type Process } from "@otp/core";
import {
  call,
  type Call,
  cast,
  type CastResult,
  GenServer,
  type InitResult,
  noreply,
  ok,
  reply,
  type Reply,
  start,
} from "@otp/genserver";
import { describe, expect, it } from "vitest";

interface TallyProtocol {
  call: Call<"get", number>;
  cast: { readonly type: "add" };
}

/** Counts its casts. */
class Tally extends GenServer<number, TallyProtocol> {
  override init(): InitResult<number> {
    return ok(0);
  }
  override handleCall(_request: TallyProtocol["call"], _from: unknown, state: number): Reply<number, number> {
    return reply(state, state);
  }
  override handleCast(_message: TallyProtocol["cast"], state: number): CastResult<number> {
    return noreply(state + 1);
  }
}

// A collector of its own, since the tests run without --expose-gc.
setFlagsFromString("--expose-gc");
const collectGarbage: unknown = runInNewContext("gc");

function usedBytes(): number {
  if (typeof collectGarbage === "function") collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe("GenServers in numbers", () => {
  it("an idle one fits in 1 kB: 100,000 of them", async () => {
    const many = 100_000;
    await using node = await Node.start({ isolation: "share" });
    const first = await start(node, Tally, undefined);
    const before = usedBytes();
    const servers = [];
    for (let i = 0; i < many; i += 1_000) {
      servers.push(...(await Promise.all(Array.from({ length: 1_000 }, () => start(node, Tally, undefined)))));
    }
    const each = (usedBytes() - before) / many;
    expect(await call(node, first, { type: "get" })).toBe(0);
    expect(servers).toHaveLength(many);
    console.log(`${each.toFixed(0)} bytes per idle GenServer`);
    expect(each).toBeLessThan(1_024);
  });

  it("a backlog of a million casts drains in linear time", async () => {
    await using node = await Node.start({ isolation: "share" });
    /** Milliseconds until a server that was kept from its mailbox has handled `count` casts. */
    const drain = async (count: number): Promise<number> => {
      const server = await start(node, Tally, undefined);
      return new Promise((resolve, reject) => {
        node.spawn(async (self: Process) => {
          for (let i = 0; i < count; i += 1) cast(self, server, { type: "add" });
          const since = performance.now();
          if ((await call(self, server, { type: "get" }, 60_000)) === count) resolve(performance.now() - since);
          else reject(new Error("casts were lost"));
        });
      });
    };
    await drain(250_000);
    const quarters = [await drain(250_000), await drain(250_000), await drain(250_000)].toSorted((a, b) => a - b);
    const whole = [await drain(1_000_000), await drain(1_000_000)];
    // Four times the work; a machine that is busy gets three times that.
    expect(Math.min(...whole)).toBeLessThan(12 * (quarters[1] ?? 0));
  });
});
