/** What every module owes that is used in `{ via, name }` addresses, as a suite to be applied to an implementation (GS-9). */
import { Node, type Pid, type Process, type ViaModule } from "@otp/core";
import { describe, expect, it, onTestFinished, vi } from "vitest";

/**
 * A module under test, on a running node.
 *
 * @see viaContract
 */
export interface ViaSubject<Name> {
  readonly via: ViaModule<Name>;
  /** A name that nobody has. */
  readonly unknown: Name;
  /** A name that `registerName` accepts; absent where the module gives names itself, as routers do. */
  readonly free?: Name;
  /** A name that somebody has. */
  readonly taken?: Name;
}

async function sleeper(self: Process): Promise<void> {
  await self.sleep("infinity");
}

/**
 * Declares the tests of a via module. `prepare` makes it ready on the node it is given; each test has a node of its own.
 *
 * ```ts ignore
 * // Declares tests, which an example that is itself a test cannot.
 * describe("MyRegistry", () => viaContract(async () => ({ via: MyRegistry, free: "a", unknown: "b" })));
 * ```
 */
export function viaContract<Name>(prepare: (node: Node) => Promise<ViaSubject<Name>>): void {
  const begin = async (): Promise<Prepared<Name>> => {
    const node = await Node.start({ isolation: "freeze" });
    onTestFinished(() => node.stop());
    return { node, ...(await prepare(node)) };
  };
  describe("the via contract: names", () => finding(begin));
  describe("the via contract: names that are taken", () => routing(begin));
  describe("the via contract: registration", () => registering(begin));
}

type Prepared<Name> = ViaSubject<Name> & { readonly node: Node };

function finding<Name>(begin: () => Promise<Prepared<Name>>): void {
  it("GS-9 finds nobody under a name that nobody has, and says so when asked to send", async () => {
    const { via, unknown, node } = await begin();
    expect(via.whereisName(node, unknown)).toBe(undefined);
    expect(() => via.send(node, unknown, "hello")).toThrow(/./u);
    expect(() => node.send<unknown>({ via, name: unknown }, "hello")).toThrow(/./u);
  });

  it("GS-9 finds a living process of this node under a name, the same each time", async () => {
    const { via, taken, free, node } = await begin();
    const name = taken ?? free;
    if (name === undefined) throw new Error("expected the subject to have a name that is taken, or one that is free");
    if (taken === undefined) await via.registerName(node, name, node.spawn(sleeper));
    const pid = via.whereisName(node, name);
    if (pid === undefined) throw new Error("expected a process under the name");
    expect(node.isProcessAlive(pid)).toBe(true);
    expect(via.whereisName(node, name)).toBe(pid);
  });
}

function routing<Name>(begin: () => Promise<Prepared<Name>>): void {
  it("GS-9 gives what is sent to a name that is taken to the process that is found there", async () => {
    const { via, taken, node } = await begin();
    if (taken === undefined) return;
    const pid = via.whereisName(node, taken);
    expect(via.send(node, taken, { type: "nobody's" })).toBe(pid);
    node.send<unknown>({ via, name: taken }, { type: "nobody's" });
    expect(via.whereisName(node, taken)).toBe(pid);
  });

  it("K7 finds somebody who lives, or nobody, soon after a process has ended", async () => {
    const { via, taken, node } = await begin();
    if (taken === undefined) return;
    const pid = via.whereisName(node, taken);
    if (pid === undefined) throw new Error("expected a process under the name that is taken");
    node.sendExit(pid, "kill");
    await vi.waitFor(
      () => {
        const next = via.whereisName(node, taken);
        expect(next === undefined || (next !== pid && node.isProcessAlive(next))).toBe(true);
      },
      { timeout: 60_000 },
    );
  });

  it("GS-9 refuses to give away a name that is taken", async () => {
    const { via, taken, node } = await begin();
    if (taken === undefined) return;
    const pid = via.whereisName(node, taken);
    // Routers have no registration, and say so.
    const answer = await (async () => via.registerName(node, taken, node.spawn(sleeper)))().catch(() => "no");
    expect(answer).toBe("no");
    expect(via.whereisName(node, taken)).toBe(pid);
  });
}

function registering<Name>(begin: () => Promise<Prepared<Name>>): void {
  it("GS-9 delivers what is sent to a name, in order, and gives the pid", async () => {
    const { via, free, node } = await begin();
    if (free === undefined) return;
    const got: unknown[] = [];
    const pid: Pid = node.spawn(async (self: Process) => {
      for (;;) got.push(await self.receive());
    });
    expect(await via.registerName(node, free, pid)).toBe("yes");
    expect(via.send(node, free, 1)).toBe(pid);
    node.send<unknown>({ via, name: free }, 2);
    via.send(node, free, 3);
    await vi.waitFor(() => expect(got).toEqual([1, 2, 3]));
  });

  it("K7 gives a name to one process at a time", async () => {
    const { via, free, node } = await begin();
    if (free === undefined) return;
    const [one, two]: [Pid, Pid] = [node.spawn(sleeper), node.spawn(sleeper)];
    expect(await via.registerName(node, free, one)).toBe("yes");
    expect(await via.registerName(node, free, two)).toBe("no");
    expect(via.whereisName(node, free)).toBe(one);
    via.unregisterName(node, free);
    await vi.waitFor(() => expect(via.whereisName(node, free)).toBe(undefined));
    expect(await via.registerName(node, free, two)).toBe("yes");
    expect(via.whereisName(node, free)).toBe(two);
  });

  it("SIG-10 has freed a name before anybody hears of its owner's end", async () => {
    const { via, free, node } = await begin();
    if (free === undefined) return;
    const owner: Pid = node.spawn(sleeper);
    await via.registerName(node, free, owner);
    const found: unknown[] = [];
    node.spawn(async (self: Process) => {
      const ref = self.monitor(owner);
      self.sendExit(owner, "kill");
      await self.receive({ type: "DOWN", ref });
      found.push(via.whereisName(self.node, free));
    });
    await vi.waitFor(() => expect(found).toEqual([undefined]));
  });
}
