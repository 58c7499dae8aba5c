/** The models that are exported for users: what is right passes, and a planted fault is found. */
import { Node, type Pid } from "@otp/core";
import { call, type Call, cast, GenServer, noreply, ok, Registry, reply, start, Supervisor } from "@otp/genserver";
import {
  checkServer,
  globalNames,
  linearizable,
  localNames,
  nameCommands,
  type NamesModel,
  type NamesUnderTest,
  parallelCommands,
  registryCommands,
  type RegistryModel,
  registryOf,
  type RegistryUnderTest,
  runParallel,
  sequentialModel,
  serverCommands,
  type ServerSpec,
  type ServerUnderTest,
  supervisorCommands,
  type SupervisorModel,
  supervisorOf,
  type SupervisorUnderTest,
  testCluster,
} from "@otp/testing";
import fc from "fast-check";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";

interface Protocol {
  call: Call<"take", number> | Call<"peek", number>;
  cast: { readonly type: "skip" };
}

/** Gives numbers; the faulty one gives the number after a skip twice. */
class Tickets extends GenServer<number, Protocol, boolean> {
  #isFaulty = false;
  override init(isFaulty: boolean) {
    this.#isFaulty = isFaulty;
    return ok(1);
  }
  override handleCall({ type }: Protocol["call"], _from: unknown, next: number) {
    if (type === "peek") return reply(next, next);
    return reply(next, this.#isFaulty && next === 3 ? next : next + 1);
  }
  override handleCast(_skip: Protocol["cast"], next: number) {
    return noreply(next + 1);
  }
}

const spec: ServerSpec<number, "take" | "peek", number, "skip"> = {
  initial: 1,
  call: (next, request) => [next, request === "take" ? next + 1 : next],
  cast: (next) => next + 1,
  requests: fc.constantFrom("take", "peek"),
  messages: fc.constant("skip"),
};

async function startNode(): Promise<Node> {
  const node = await Node.start({ logger: pino({ level: "silent" }) });
  onTestFinished(() => node.stop());
  return node;
}

/** What a property says, "" when it holds. */
async function verdictOf(run: Promise<void>): Promise<string> {
  try {
    await run;
    return "";
  } catch (error) {
    return `${String(error)} ${error instanceof Error ? String(error.cause) : ""}`;
  }
}

describe("a server against its specification", () => {
  const check = async (isFaulty: boolean): Promise<string> => {
    const node = await startNode();
    return verdictOf(checkServer(spec, () => subject(node, isFaulty), { numRuns: 60, seed: 5 }));
  };

  it("passes when it does what it should", async () => expect(await check(false)).toBe(""));

  it("is found out, with the shortest commands that show it", async () => {
    const verdict = await check(true);
    expect(verdict).toContain("gave 3, expected 4");
    expect(verdict).toMatch(/Counterexample: \[[^\]]{1,80}\]/u);
  });

  it("says what it does in words", () => {
    const [commands] = fc.sample(serverCommands(spec), { numRuns: 1, seed: 4 });
    expect([...(commands ?? [])].map(String).every((word) => /^(call|cast)\('/u.test(word))).toBe(true);
  });

  it("is linearizable when several clients call at the same time", async () => {
    const node = await startNode();
    const { call: callSpec, initial, requests } = spec;
    await fc.assert(
      fc.asyncProperty(parallelCommands(requests), async (plan) => {
        const server = await subject(node, false);
        const operations = await runParallel(plan, (_client, request) => server.call(request));
        expect(linearizable(sequentialModel({ call: callSpec, initial, requests }), operations)).toEqual({
          verdict: "linearizable",
        });
      }),
      { numRuns: 20 },
    );
  });
});

async function subject(node: Node, isFaulty: boolean): Promise<ServerUnderTest<"take" | "peek", number, "skip">> {
  const server = await start(node, Tickets, isFaulty);
  return {
    call: (type) => call(node, server, { type }),
    cast: (type) => void cast(node, server, { type }),
  };
}

describe("names against their model", () => {
  const check = async (real: () => NamesUnderTest, numRuns = 40): Promise<string> => {
    const model = (): NamesModel => ({ owners: new Map<string, Pid>(), alive: [] });
    return verdictOf(
      fc.assert(
        fc.asyncProperty(nameCommands(), async (commands) => {
          await fc.asyncModelRun(() => ({ model: model(), real: real() }), commands);
        }),
        { numRuns, seed: 7 },
      ),
    );
  };

  /** Frees the names of earlier runs. */
  function fresh(node: Node): NamesUnderTest {
    for (const name of ["ann", "bob", "cid"]) if (node.whereis(name) !== undefined) node.unregister(name);
    return localNames(node);
  }

  it("of a node pass", async () => {
    const node = await startNode();
    expect(await check(() => fresh(node))).toBe("");
  });

  it("that outlive their owners are found out", async () => {
    const node = await startNode();
    const faulty = (): NamesUnderTest => {
      const real = fresh(node);
      const kept = new Map<string, Pid>();
      return {
        ...real,
        async register(name, pid) {
          const done = await real.register(name, pid);
          if (done) kept.set(name, pid);
          return done;
        },
        find: async (name) => [kept.get(name)],
      };
    };
    expect(await check(faulty)).toMatch(/whoever looks for/u);
  });

  it("of a cluster pass on every node", async () => {
    const cluster = await testCluster(["a", "b"], { leaks: "ignore" });
    const clean = async (): Promise<void> => {
      for (const name of cluster.node("a").global.registeredNames())
        await cluster.node("a").global.unregisterName(name);
      for (const node of cluster.nodes) await node.global.sync();
    };
    await fc.assert(
      fc.asyncProperty(nameCommands({ names: ["ann", "bob"] }), async (commands) => {
        await clean();
        await fc.asyncModelRun(
          () => ({ model: { owners: new Map<string, Pid>(), alive: [] }, real: globalNames(cluster.nodes) }),
          commands,
        );
      }),
      { numRuns: 5 },
    );
  });
});

describe("a registry against its model", () => {
  const check = async (
    keys: "unique" | "duplicate",
    spoil: (real: RegistryUnderTest) => RegistryUnderTest,
  ): Promise<string> => {
    const node = await startNode();
    let count = 0;
    return verdictOf(
      fc.assert(
        fc.asyncProperty(registryCommands({ keys }), async (commands) => {
          count += 1;
          const registry = Registry.named<string, number>(`keys${String(count)}`);
          await Registry.start(node, { keys, name: registry });
          const model = (): RegistryModel => ({ alive: [], rows: [] });
          await fc.asyncModelRun(() => ({ model: model(), real: spoil(registryOf(node, registry)) }), commands);
        }),
        { numRuns: 25, seed: 11 },
      ),
    );
  };

  it.each(["unique", "duplicate"] as const)("with %s keys passes", async (keys) => {
    expect(await check(keys, (real) => real)).toBe("");
  });

  it("that forgets to take entries out is found out", async () => {
    expect(await check("duplicate", (real) => ({ ...real, unregister: async () => undefined }))).toMatch(
      /the processes under/u,
    );
  });
});

describe("a supervisor against its model", () => {
  const check = async (
    strategy: "one_for_one" | "one_for_all" | "rest_for_one",
    spoil: (real: SupervisorUnderTest) => SupervisorUnderTest,
    real = strategy,
  ): Promise<string> => {
    const node = await startNode();
    return verdictOf(
      fc.assert(
        fc.asyncProperty(supervisorCommands({ strategy }), async (commands) => {
          const supervisor = await Supervisor.start(node, [], { strategy: real, maxRestarts: 10_000 });
          const model = (): SupervisorModel => ({ children: [] });
          await fc.asyncModelRun(() => ({ model: model(), real: spoil(supervisorOf(node, supervisor)) }), commands);
          await Supervisor.stop(node, supervisor);
        }),
        { numRuns: 25, seed: 13 },
      ),
    );
  };

  it.each(["one_for_one", "one_for_all", "rest_for_one"] as const)("%s passes", async (strategy) => {
    expect(await check(strategy, (real) => real)).toBe("");
  });

  it("with another strategy than it should have is found out", async () => {
    expect(await check("rest_for_one", (real) => real, "one_for_one")).toMatch(/a new process for|the process of/u);
  });
});
