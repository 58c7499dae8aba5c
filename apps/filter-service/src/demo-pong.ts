/** What the client of the demo spawns on the serving node; both sides import it, for code does not travel. */
import { type Pid, type Process, remote, type RemoteFunction } from "@otp/core";

/** Asks for a pong. */
export interface Ping {
  readonly type: "ping";
  readonly from: Pid;
}

/** Answers one ping. */
export const pong: RemoteFunction<(self: Process<Ping>) => Promise<void>> = remote("demo/pong", async (self) => {
  const { from } = await self.receive();
  self.send(from, { type: "pong", by: self.pid });
});
