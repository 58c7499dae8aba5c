/** The listening socket: accepts connections and gives each a process of its own. */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

import { type CastResult, GenServer, type InitResult, noreply, ok, Task } from "@otp/genserver";

import { serve } from "./connection.ts";

/** Where to listen, and who keeps the buckets. */
export interface ListenerOptions {
  readonly port: number;
  readonly host: string;
  readonly nodes: readonly string[];
}

/** The supervisor of all connections. */
export const connections = "connections";

/** Listens as long as it lives. It says on which port, for the system chooses one for port 0. */
export class Listener extends GenServer<Server, { cast: never }, ListenerOptions> {
  override async init({ port, host, nodes }: ListenerOptions): Promise<InitResult<Server>> {
    const { self } = this;
    const { node, pid, log } = self;
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on("error", (error) => log.debug({ err: error }, "a client has gone"));
      accept(socket);
    });
    server.listen(port, host);
    await once(server, "listening");
    // However it ends, nothing is left listening.
    self.signal.addEventListener("abort", () => server.close());
    server.on("error", (error) => node.sendExit(pid, error));
    process.stdout.write(`kv-buckets listens on ${host}:${portOf(server)}\n`);
    return ok(server);

    /** Runs in no process, as an event does. */
    function accept(socket: Socket): void {
      Task.Supervisor.startChild(node, connections, (own) => serve(own, socket, nodes)).then(
        (started) => {
          if (!started.ok) socket.end("TOO MANY CONNECTIONS\r\n");
        },
        (error: unknown) => {
          log.warn({ err: error }, "a connection could not be served");
          socket.destroy();
        },
      );
    }
  }

  override handleInfo(_message: unknown, server: Server): CastResult<Server> {
    return noreply(server);
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
