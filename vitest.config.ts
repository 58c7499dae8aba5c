import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

const at = (...parts: string[]): string => join(import.meta.dirname, ...parts);
const members = ["packages", "apps"].flatMap((group) =>
  readdirSync(at(group))
    .filter((dir) => existsSync(at(group, dir, "package.json")))
    .map((dir) => ({ name: group === "apps" ? dir : `@otp/${dir}`, root: at(group, dir) })),
);

const overNats = [
  "call-remote",
  "erpc",
  "global",
  "global-conflicts",
  "global-locks",
  "gs-remote",
  "io-remote",
  "node-servers",
  "node-spawn-request",
  "pg",
  "rpc",
];

export default defineConfig({
  // Read workspace sources, so that no test waits for a build.
  ssr: { resolve: { conditions: ["@otp/source", ...defaultServerConditions] } },
  test: {
    passWithNoTests: true,
    // Long enough for a busy machine: no test waits for time to pass, only for things to happen.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    setupFiles: [at("test/support/setup.ts")],
    coverage: { provider: "v8", include: ["packages/*/src/**"], exclude: ["**/*.test.ts", "**/*.test-d.ts"] },
    projects: [
      ...members.map(({ name, root }) => ({
        extends: true as const,
        test: { name, root, include: ["src/**/*.test.ts"] },
      })),
      {
        extends: true as const,
        test: { name: "@otp/test", root: at("test"), include: ["**/*.test.ts"], exclude: ["**/node_modules/**"] },
      },
      {
        // What must hold over NATS as it does over memory, and is not in test/cluster anyway.
        extends: true as const,
        test: {
          name: "@otp/test over NATS",
          root: at("test"),
          include: overNats.map((name) => `semantics/${name}.test.ts`),
          env: { OTP_TEST_TRANSPORT: "nats" },
        },
      },
      {
        // What holds in processes of the test runner holds in its threads as well.
        extends: true as const,
        test: {
          name: "@otp/test/threads",
          root: at("test"),
          pool: "threads",
          include: ["simulation/reproducible.test.ts"],
        },
      },
      {
        extends: true as const,
        test: {
          name: "types",
          root: at(),
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ["packages/*/src/**/*.test-d.ts"],
            tsconfig: at("tsconfig.test.json"),
          },
        },
      },
    ],
  },
});
