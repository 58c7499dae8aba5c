/** What a visiting shell runs on the node that it visits, once the process at the door has let it in. */
import { IO, type Pid, type Process, type Ref, remote, type RemoteFunction } from "@otp/core";

import { RemoteHost } from "./remote-host.ts";
import { type Access, type HostMessage, readOrder, readVisitor, type VisitOrder } from "./remote-messages.ts";

/** The name of the process that stands at the door. */
export const door = "otp_shell";

/** What that process is asked: whether a node may send somebody for that. */
export interface Question {
  readonly from: Pid;
  readonly ref: Ref;
  readonly peer: string;
  readonly access: Access;
}

/** Whether a message is such a question. */
export function isQuestion(value: unknown): value is Question {
  return typeof value === "object" && value !== null && "type" in value && value.type === "shell_asked";
}

/** What a visitor spawns here, linked to a process of its own. */
export const visit: RemoteFunction<(self: Process, order: unknown) => Promise<void>> = remote(
  "otp/shell/visit",
  async (self: Process, given: unknown): Promise<void> => {
    const order = readOrder(given);
    // The link proves from where it comes: nobody speaks for processes of another node.
    const { links } = self.node.info(self.pid) ?? {};
    if (order === undefined || links?.includes(order.client) !== true) return;
    const refusal = await refusalOf(self, order);
    if (refusal !== undefined) {
      const { user, client } = order;
      self.node.log.warn({ event: "shell_refused", user, from: client.node, reason: refusal }, `a shell was refused`);
      const message: HostMessage = { type: "shell_refused", text: `node ${self.node.name}: ${refusal}` };
      self.send(order.client, message);
      return;
    }
    await receiveVisitor(self, order);
  },
);

async function refusalOf(self: Process, { client, access }: VisitOrder): Promise<string | undefined> {
  const keeper = self.node.whereis(door);
  if (keeper === undefined) return "it accepts no shells: its program has to call acceptShells of @otp/shell/accept";
  const ref = self.monitor(keeper);
  self.send(keeper, { type: "shell_asked", from: self.pid, ref, peer: client.node, access });
  const answer = await self.receive((message: unknown) => isAbout(message, ref));
  self.demonitor(ref, { flush: true });
  const text: unknown = Reflect.get(Object(answer), "answer");
  if (typeof text !== "string") return "it accepts no shells any more";
  return text === "" ? undefined : text;
}

async function receiveVisitor(self: Process, order: VisitOrder): Promise<void> {
  const { client, user, access } = order;
  const who = { user, from: client.node, access };
  const { log } = self.node;
  self.label = `shell of ${client.node}`;
  self.trapExit = true;
  log.info({ event: "shell_attached", ...who }, `shell of ${user} on ${client.node} attached (${access})`);
  const tell = (message: HostMessage): void => void self.send(client, message);
  const host = await RemoteHost.start(self, {
    ...order,
    print: (text) => void IO.write(self, text).catch(() => undefined),
    onRestart: (text) => tell({ type: "shell_restarted", text, prompt: host.prompt() }),
  });
  self.signal.addEventListener("abort", () => host.end(), { once: true });
  tell({ type: "shell_opened", prompt: host.prompt() });
  for (;;) {
    // One after the other, as they come.
    const given = await self.receive();
    if (isExitOf(given, client)) break;
    const message = readVisitor(given);
    if (message?.type === "shell_interrupt") host.interrupt();
    if (message?.type === "shell_complete") {
      const { id, line } = message;
      void host.complete(line).then((found) => tell({ type: "shell_completed", id, found }));
    }
    if (message?.type === "shell_evaluate") {
      const { id, text } = message;
      log.info({ event: "shell_command", ...who, text }, `shell of ${user} on ${client.node}: ${oneLine(text)}`);
      void host.evaluate(text).then((outcome) => {
        if (!self.signal.aborted) tell({ type: "shell_result", id, outcome, prompt: host.prompt() });
      });
    }
  }
  host.end();
  log.info({ event: "shell_left", ...who }, `shell of ${user} on ${client.node} left`);
}

/** As a string is written, so that it stays on its line. */
function oneLine(text: string): string {
  const quoted = JSON.stringify(text.trim());
  return quoted.length > 1_000 ? `${quoted.slice(0, 1_000)}…` : quoted;
}

function isAbout(message: unknown, ref: Ref): boolean {
  return typeof message === "object" && message !== null && "ref" in message && message.ref === ref;
}

function isExitOf(message: unknown, client: Pid): boolean {
  if (typeof message !== "object" || message === null || !("type" in message) || message.type !== "EXIT") return false;
  return "from" in message && message.from === client;
}
