/** What the compiler knows of applications: their environment and the top of their tree. */
import type { Node, Process } from "@otp/core";
import { describe, expectTypeOf, it } from "vitest";

import { Supervisor } from "../supervisor/supervisor.ts";
import type { SupervisorPid } from "../supervisor/supervisor-server.ts";
import { Application } from "./application.ts";
import { run } from "./run.ts";

declare const node: Node;

class Shop extends Application<{ readonly port: number }> {
  override start(self: Process, _env: { readonly port: number }) {
    return Supervisor.startLink(self, [], { strategy: "one_for_one" });
  }
}

class Plain extends Application {
  override start(self: Process) {
    return Supervisor.startLink(self, [], { strategy: "one_for_one" });
  }
}

class Program extends Shop {
  static configure(argv: readonly string[]) {
    return { env: { port: argv.length } };
  }
}

class Wrong extends Shop {
  static configure() {
    return { env: { port: "80" } };
  }
}

describe("an application", () => {
  it("is started with its environment, and gives the top of its tree", () => {
    expectTypeOf(Application.start(node, Shop, { port: 1 })).toEqualTypeOf<Promise<SupervisorPid>>();
    expectTypeOf(Application.start(node, Plain)).toEqualTypeOf<Promise<SupervisorPid>>();
    expectTypeOf(Application.getEnv(node, Shop)).toEqualTypeOf<{ readonly port: number } | undefined>();
    // @ts-expect-error -- it needs an environment.
    void Application.start(node, Shop);
    // @ts-expect-error -- of another type.
    void Application.start(node, Shop, { port: "1" });
    // @ts-expect-error -- also as a dependency.
    Shop.with({ port: "1" });
  });

  it("is a program when its command line gives that environment", () => {
    expectTypeOf(run(Program, [])).toEqualTypeOf<Promise<number>>();
    // @ts-expect-error -- a text is no port.
    void run(Wrong, []);
  });
});
