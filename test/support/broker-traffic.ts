/** What a nats-server of a test has carried, as it counts itself. */
import type { LocalServer } from "@otp/transport-nats/local-server";

/** Lines of configuration with which a server tells what it has carried. */
export const monitored = 'http: "127.0.0.1:-1"';

/** Messages from all clients since the server was started, which was with `monitored`. */
export async function messagesThrough(server: LocalServer): Promise<number> {
  const port = server.log
    .map((line) => /http monitor on \S+:(\d+)$/.exec(line)?.[1])
    .find((each) => each !== undefined);
  if (port === undefined) throw new Error(`the server does not say where it can be asked:\n${server.log.join("\n")}`);
  const answer: unknown = await (await fetch(`http://127.0.0.1:${port}/varz`)).json();
  if (typeof answer !== "object" || answer === null || !("in_msgs" in answer))
    throw new Error(`expected in_msgs. Got: ${JSON.stringify(answer)}`);
  return Number(answer.in_msgs);
}
