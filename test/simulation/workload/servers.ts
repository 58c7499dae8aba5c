/** What the actors of a workload find on every node: a server that squares, and a process that echoes to an alias. */
import { type Node, type Pid, type Process, type Ref, remote } from "@otp/core";
import { type Call, type From, GenServer, noreply, ok, reply, replyTo, type ServerPid, start } from "@otp/genserver";

interface SquareProtocol {
  readonly call: Call<"square", number, { readonly n: number }>;
}

/** Answers some calls at once, and some later by another process (GS-7). */
class Squares extends GenServer<null, SquareProtocol> {
  override init() {
    return ok(null);
  }

  override handleCall({ n }: SquareProtocol["call"], from: From<number>, state: null) {
    if (n % 3 !== 0) return reply(n * n, state);
    this.self.spawn(async (self: Process) => {
      await self.sleep(n % 7);
      replyTo(from, n * n);
    });
    return noreply(state);
  }
}

/** Answers twice to whatever alias it is given, for a one-shot alias must let through the first only (ALIAS-4). */
const echo = async (self: Process): Promise<void> => {
  for (;;) {
    const { ref } = (await self.receive()) as { readonly ref: Ref };
    self.send<unknown>(ref, { ref, n: 1 });
    self.send<unknown>(ref, { ref, n: 2 });
  }
};

/** A process that ends as soon as it begins. */
export const brief: (self: Process, reason: unknown) => void = remote(
  "workload/brief",
  (self: Process, reason: unknown) => self.exit(reason),
);

/** The servers of one node. */
export interface Servers {
  readonly squares: ServerPid<SquareProtocol>;
  readonly echo: Pid;
}

/** Starts the servers of one node. */
export async function startServers(node: Node): Promise<Servers> {
  return { squares: await start(node, Squares), echo: node.spawn(echo) };
}
