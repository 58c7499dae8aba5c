/** What every workload of ours stands on: a node of its own, and a process to work in. */
import type { Node, Process } from "@otp/core";
import { type Call, GenServer, noreply, ok, reply } from "@otp/genserver";

/** Runs `work` as a process of `node`; resolves with its result. */
export function inProcess<Result>(node: Node, work: (self: Process) => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    node.spawn(async (self: Process) => {
      try {
        resolve(await work(self));
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** What the counting server understands. */
export interface CounterProtocol {
  call: Call<"add", number> | Call<"get", number>;
  cast: { type: "add" };
}

/** The server of the rows: counts what reaches it. */
export class Counter extends GenServer<number, CounterProtocol> {
  override init() {
    return ok(0);
  }

  override handleCall(request: CounterProtocol["call"], _from: unknown, count: number) {
    return request.type === "add" ? reply(count + 1, count + 1) : reply(count, count);
  }

  override handleCast(_message: CounterProtocol["cast"], count: number) {
    return noreply(count + 1);
  }
}
