import { type Node, type Pid, type Process, remote, type RemoteFunction } from "@otp/core";
import { describe, expectTypeOf, test } from "vitest";

import {
  type Call,
  call,
  cast,
  type From,
  GenServer,
  globalName,
  noreply,
  ok,
  reply,
  replyTo,
  type ServerOptions,
  type ServerPid,
  start,
  startLink,
  startMonitor,
} from "../index.ts";

interface CounterProtocol {
  call: Call<"get", number> | Call<"add", number, { by: number }> | Call<"name", string>;
  cast: { type: "reset" } | { type: "set"; to: number };
  info: { type: "tick" };
}

class Counter extends GenServer<number, CounterProtocol, { start: number }> {
  override init({ start }: { start: number }) {
    return ok(start);
  }
  override handleCall(request: CounterProtocol["call"], from: From, state: number) {
    switch (request.type) {
      case "get":
        return reply(state, state);
      case "add":
        return reply(state + request.by, state + request.by);
      case "name":
        replyTo(from, "counter");
        return noreply(state, { timeout: 10 });
    }
  }
  override handleCast(_: CounterProtocol["cast"], _state: number) {
    return noreply(0);
  }
}

type State = Record<string, never>;
interface FilterProtocol {
  cast: {
    type: "filter";
    collection: readonly unknown[];
    predicate: RemoteFunction<(item: never) => unknown>;
    sender: Pid<never>;
  };
}

class FilterService extends GenServer<State, FilterProtocol> {
  static readonly global = globalName<typeof FilterService>("FilterService");

  static startLink(self: Process, opts?: ServerOptions) {
    return startLink(self, FilterService, undefined, { name: FilterService.global, ...opts });
  }

  static filter<T>(self: Process, collection: readonly T[], predicate: RemoteFunction<(item: T) => boolean>): "ok" {
    return cast(self, FilterService.global, { type: "filter", collection, predicate, sender: self.pid });
  }

  override init() {
    return ok({});
  }

  override handleCast({ collection, sender }: FilterProtocol["cast"], state: State) {
    this.self.send(sender, { type: "filter_results", results: collection } as never);
    return noreply(state);
  }
}

declare const node: Node;
declare const self: Process;
declare const counter: ServerPid<CounterProtocol>;

describe("the reply follows from the message", () => {
  test("through a pid", async () => {
    expectTypeOf(await call(self, counter, { type: "get" })).toEqualTypeOf<number>();
    expectTypeOf(await call(self, counter, { type: "add", by: 3 })).toEqualTypeOf<number>();
    expectTypeOf(await call(node, counter, { type: "name" }, 100)).toEqualTypeOf<string>();
    // @ts-expect-error: the reply is a number
    const wrong: string = await call(self, counter, { type: "add", by: 3 });
    return wrong;
  });

  test("through what start functions give", async () => {
    const started = await start(node, Counter, { start: 1 });
    expectTypeOf(started).toEqualTypeOf<ServerPid<CounterProtocol>>();
    expectTypeOf(await call(self, started, { type: "name" })).toEqualTypeOf<string>();
    const { pid } = await startMonitor(self, Counter, { start: 1 });
    expectTypeOf(await call(self, pid, { type: "get" })).toEqualTypeOf<number>();
    self.send(started, { type: "tick" });
    self.link(started);
    // @ts-expect-error: the server takes no such message
    self.send(started, { type: "tock" });
  });

  test("through a global name", async () => {
    const name = globalName<typeof Counter>("counter");
    expectTypeOf(await call(self, name, { type: "get" })).toEqualTypeOf<number>();
    cast(self, name, { type: "set", to: 3 });
    // @ts-expect-error: no such request
    await call(self, name, { type: "got" });
    // @ts-expect-error: `to` is missing
    cast(self, name, { type: "set" });
  });

  test("of a message of several types: any of their replies", async () => {
    const request: CounterProtocol["call"] = Math.random() > 0.5 ? { type: "get" } : { type: "name" };
    expectTypeOf(await call(self, counter, request)).toEqualTypeOf<number | string>();
  });

  test("unknown where the server is not known", async () => {
    expectTypeOf(await call(self, "counter", { type: "anything" })).toEqualTypeOf<unknown>();
    expectTypeOf(await call(self, self.pid, "anything")).toEqualTypeOf<unknown>();
    expectTypeOf(await call(self, { name: "counter", node: "two@localhost" }, 1)).toEqualTypeOf<unknown>();
    cast(self, { global: "x" }, 1);
    cast(self, null, 1);
  });
});

test("a server without a protocol takes anything", async () => {
  class Loose extends GenServer<number> {
    override init() {
      return ok(0);
    }
    override handleCall(request: { type: "get" }, _from: From, state: number) {
      return reply(request, state);
    }
  }
  const loose = await start(node, Loose);
  expectTypeOf(await call(self, loose, { type: "get" })).toEqualTypeOf<unknown>();
  expectTypeOf(await call(self, loose, "get")).toEqualTypeOf<unknown>();
  cast(self, loose, 1);
});

describe("mistakes are refused", () => {
  test("in messages", async () => {
    // @ts-expect-error: no such request
    await call(self, counter, { type: "got" });
    // @ts-expect-error: `by` is missing
    await call(self, counter, { type: "add" });
    // @ts-expect-error: `by` is a number
    await call(self, counter, { type: "add", by: "3" });
    // @ts-expect-error: no such field
    await call(self, counter, { type: "get", by: 3 });
    // @ts-expect-error: a request is no cast
    cast(self, counter, { type: "get" });
  });

  test("in start arguments", async () => {
    // @ts-expect-error: `init` wants a number
    await start(node, Counter, { start: "1" });
    // @ts-expect-error: `init` wants an argument
    await start(node, Counter);
    // @ts-expect-error: linked to whom?
    await startLink(node, Counter, { start: 1 });
    await start(node, FilterService);
    // @ts-expect-error: `init` takes nothing
    await start(node, FilterService, { start: 1 });
  });

  test("in callbacks", () => {
    class WrongReply extends GenServer<number, CounterProtocol> {
      override init() {
        return ok(0);
      }
      // @ts-expect-error: no request is answered with a boolean
      override handleCall(_request: CounterProtocol["call"], _from: From, state: number) {
        return reply(true, state);
      }
    }
    class WrongState extends GenServer<number, CounterProtocol> {
      // @ts-expect-error: the state is a number
      override init() {
        return ok("0");
      }
    }
    class ReplyToCast extends GenServer<number, CounterProtocol> {
      override init() {
        return ok(0);
      }
      // @ts-expect-error: a cast has no reply
      override handleCast(_message: CounterProtocol["cast"], state: number) {
        return reply(1, state);
      }
    }
    return [WrongReply, WrongState, ReplyToCast];
  });

  test("in late replies", () => {
    const from: From<number> = { pid: self.pid };
    replyTo(from, 1);
    // @ts-expect-error: the caller waits for a number
    replyTo(from, "1");
  });
});

test("the sample service is used by its global name", () => {
  const isEven = remote("even-in-a-type-test", (n: number) => n % 2 === 0);
  FilterService.filter(self, [1, 2, 3], isEven);
  expectTypeOf(FilterService.startLink(self)).resolves.toEqualTypeOf<ServerPid<FilterProtocol>>();
});

test("child specifications take what the class is started with", () => {
  Counter.childSpec({ start: 1 });
  // @ts-expect-error: `init` wants a number
  Counter.childSpec({ start: "1" });
  FilterService.childSpec();
  FilterService.childSpec({ timeout: 100 });
  // @ts-expect-error: its own `startLink` takes options
  FilterService.childSpec({ start: 1 });
});
