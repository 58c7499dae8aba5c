/**
 * The server as a second witness of who listens: asked when a claim of a name is neither answered nor sent back.
 *
 * A program that watches all subjects, or a frozen node, hears a claim and says nothing; only the server can tell the
 * two apart. It lists the connections of the asker's own account to whoever may ask.
 */

/** Where the server is asked. */
export const witnessSubject = "$SYS.REQ.ACCOUNT.PING.CONNZ";

/** The connection that asks. */
export interface Self {
  readonly serverId: string;
  readonly connectionId: number;
}

/** Asks for the connections that would receive what is published on `subject`. */
export function witnessQuestion(subject: string): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ subscriptions: true, filter_subject: subject, limit: 100 }));
}

/**
 * Reads one server's answer: does another connection than `self` listen as the node with this `inbox` does? Undefined when
 * the answer is no answer.
 */
export function readWitness(bytes: Uint8Array, inbox: string, self: Self): boolean | undefined {
  const answer = parse(bytes);
  const connections = field(field(answer, "data"), "connections");
  if (!Array.isArray(connections)) return undefined;
  const isHere = field(field(answer, "server"), "id") === self.serverId;
  return connections.some((connection: unknown) => {
    const subjects = field(connection, "subscriptions_list");
    const isSelf = isHere && field(connection, "cid") === self.connectionId;
    return !isSelf && Array.isArray(subjects) && subjects.includes(inbox);
  });
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Anyone may publish here: what is not JSON is no answer.
    return undefined;
  }
}

function field(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null && Object.hasOwn(of, name) ? Reflect.get(of, name) : undefined;
}
