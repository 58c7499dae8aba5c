/** Dockerfile and compose file of FilterService: they name what there is, and what they set up works, if without containers. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { findNatsServer } from "@otp/transport-nats/local-server";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";

import { patience } from "../support/fire.ts";
import { natsCluster } from "../support/nats-cluster.ts";
import { osNode } from "../support/os-node.ts";
import { settled, startWorker } from "../support/workers.ts";

const root = join(import.meta.dirname, "../..");
const app = "apps/filter-service";
const read = (path: string): string => readFileSync(join(root, path), "utf8");

interface Service {
  readonly image: string;
  readonly hostname?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
}

/** The services by name. */
function services(): readonly (readonly [name: string, service: Service])[] {
  const file: { readonly services: Readonly<Record<string, Service>> } = parse(read(`${app}/compose.yaml`), {
    merge: true,
  });
  return Object.entries(file.services);
}

const workers = (): Service[] => services().flatMap(([, service]) => (service.build === undefined ? [] : [service]));
const brokers = () => services().filter(([, { image }]) => image.startsWith("nats:"));

/** The instructions of the Dockerfile, each with what follows it. */
function instructions(name: string): readonly string[] {
  const text = read(`${app}/Dockerfile`)
    .replaceAll(/^#.*\n/gmu, "")
    .replaceAll(/\\\n\s*/gu, "");
  return text.split("\n").flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []));
}

/** Everything that the command can be set by in the environment. */
async function variables(command: string): Promise<ReadonlySet<string>> {
  await using help = osNode(join(root, app, "src/main.ts"), { args: [command, "--help"], patienceMs: 60_000 });
  expect((await help.exit()).code).toBe(0);
  return new Set([...help.lines.join(" ").matchAll(/env:\s+([A-Z_]+)/gu)].map(([, name = ""]) => name));
}

describe("the compose file", patience, () => {
  it("has three servers, which know each other and are started by flags that there are", () => {
    const names = brokers().map(([name]) => name);
    expect(names).toHaveLength(3);
    const help = execFileSync(findNatsServer() ?? "", ["--help"], { encoding: "utf8" });
    for (const [name, { command = [], healthcheck }] of brokers()) {
      const flags = new Map(command.map((flag) => flag.split(/=(.*)/u, 2) as [string, string]));
      for (const flag of flags.keys()) expect(help.match(/--?[a-z_]+/gu)).toContain(flag);
      expect(flags.get("--name")).toBe(name);
      const port = flags.get("--cluster")?.split(":").at(-1);
      expect(flags.get("--routes")).toBe(names.map((each) => `nats://${each}:${String(port)}`).join(","));
      expect(healthcheck?.test.at(-1)).toContain(`:${String(flags.get("--http_port"))}/healthz`);
    }
  });

  it("has three workers, which are told of all servers by variables that there are", async () => {
    const known = await variables("serve");
    expect(workers()).toHaveLength(3);
    expect(new Set(workers().map(({ hostname }) => hostname)).size).toBe(3);
    for (const { build, environment = {}, depends_on = {}, ports = [] } of workers()) {
      expect(build).toEqual({ context: "../..", dockerfile: `${app}/Dockerfile` });
      for (const name of Object.keys(environment)) expect(known).toContain(name);
      expect(environment["NATS_URL"]).toBe(
        brokers()
          .map(([name]) => `nats://${name}:4222`)
          .join(","),
      );
      expect(Object.keys(depends_on)).toEqual(brokers().map(([name]) => name));
      expect(ports.map((port) => port.split(":").at(-1))).toEqual(instructions("EXPOSE"));
    }
  });
});

describe("the Dockerfile", patience, () => {
  it("copies, builds and starts what there is", async () => {
    for (const source of instructions("COPY").map(
      (line) => line.replace("--from=build /app/", "").split(" ")[0] ?? "",
    )) {
      expect(source === "node_modules" || existsSync(join(root, source))).toBe(true);
    }
    const [entry = ""] = instructions("ENTRYPOINT");
    const [, program = ""] = JSON.parse(entry) as string[];
    expect(existsSync(join(root, program))).toBe(true);
    const commands = instructions("RUN").join("\n");
    expect(commands).toContain(`tsc -b ${app}`);
    expect(commands).toContain(`--workspace ${String(JSON.parse(read(`${app}/package.json`)).name)} `);
    const [settings = ""] = instructions("ENV");
    const names = settings.split(" ").map((setting) => setting.split("=")[0]);
    expect(names).toEqual(["NODE_ENV", "FILTER_HEALTH"]);
    expect(await variables("serve")).toContain("FILTER_HEALTH");
    expect(settings).toContain(`:${String(instructions("EXPOSE")[0])}`);
  });

  it("takes every package along that the program needs", () => {
    const copied = instructions("COPY").join("\n");
    const needed = new Set<string>();
    const collect = (folder: string): void => {
      const { dependencies = {} } = JSON.parse(read(`${folder}/package.json`)) as {
        dependencies?: Readonly<Record<string, string>>;
      };
      for (const name of Object.keys(dependencies)) {
        const [, own] = /^@otp\/(.+)$/u.exec(name) ?? [];
        if (own === undefined || needed.has(own)) continue;
        needed.add(own);
        collect(`packages/${own}`);
      }
    };
    collect(app);
    expect(needed.size).toBe(3);
    for (const name of needed) expect(copied).toContain(`/app/packages/${name} packages/${name}`);
  });
});

describe("three workers at three servers", patience, () => {
  it("are not disturbed by the end of a server", async () => {
    const servers = await natsCluster(3);
    onTestFinished(async () => {
      for (const server of servers) await server.stop();
    });
    const settings = {
      servers: servers.map(({ url }) => url).join(","),
      cluster: `deployed_${String(process.pid)}`,
      tickTimeMs: 20_000,
    };
    const started = await Promise.all(
      [1, 2, 3].map((at) => startWorker(`filter_worker@worker-${String(at)}`, settings)),
    );
    onTestFinished(async () => {
      for (const { os } of started) await os.kill();
    });
    const owner = await settled(started);
    await servers[0]?.kill();
    expect(await settled(started)).toBe(owner);
    expect(started.flatMap((worker) => worker.events("standby_takes_over"))).toEqual([]);
  });
});
