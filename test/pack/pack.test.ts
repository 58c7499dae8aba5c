/** The packages as their users get them: what is in them, and that plain Node.js and any resolution of types find it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { installConsumer, type Consumer } from "./consumer.ts";

let consumer: Consumer;

beforeAll(async () => {
  consumer = await installConsumer();
}, 60_000);

afterAll(() => consumer[Symbol.dispose]());

/** A program that names every door, so that the compiler reads every declaration behind it. */
const namesAll = (doors: readonly string[]): string => {
  const imports = doors.map((door, index) => `import * as door${index} from ${JSON.stringify(door)};`);
  return `${imports.join("\n")}\nexport const doors: readonly object[] = [${doors.map((_, index) => `door${index}`).join(", ")}];\n`;
};

const compilerOptions = {
  target: "es2023",
  lib: ["es2023", "esnext.disposable"],
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
};

describe("the packed packages", () => {
  it("hold what their exports promise, and the sources their maps point at", () => {
    for (const { manifest, files } of consumer.packed) {
      const targets = Object.values(manifest.exports).flatMap((door) =>
        typeof door === "string" ? [door] : Object.values(door),
      );
      expect(targets.map((target) => target.slice(2)).filter((target) => !files.includes(target))).toEqual([]);
    }
  });

  it("hold no tests, no build state and nothing of the repository", () => {
    const files = consumer.packed.flatMap((packed) => packed.files);
    expect(
      files.filter((file) => /\.test(-d)?\.|tsbuildinfo|node_modules|^(?!dist\/|src\/)[^.]+\.ts$/.test(file)),
    ).toEqual([]);
  });

  it("agree on one version, also where they depend on each other", () => {
    const versions = consumer.packed.flatMap(({ manifest }) => [
      manifest.version,
      ...Object.entries(manifest.dependencies ?? {}).flatMap(([name, range]) =>
        name.startsWith("@otp/") ? [range] : [],
      ),
    ]);
    expect(new Set(versions).size).toBe(1);
  });

  it("are imported by plain JavaScript, each door alone", async () => {
    for (const [index, door] of consumer.doors.entries()) {
      consumer.write(
        `door-${index}.mjs`,
        `import * as door from ${JSON.stringify(door)};\nconsole.log(typeof door);\n`,
      );
    }
    const printed = await Promise.all(
      consumer.doors.map((_, index) => consumer.run(process.execPath, `door-${index}.mjs`)),
    );
    expect(printed).toEqual(consumer.doors.map(() => "object\n"));
  });

  it.each([
    ["nodenext", { module: "nodenext", moduleResolution: "nodenext" }],
    ["bundler", { module: "esnext", moduleResolution: "bundler" }],
  ])("compile with the resolution %s, every declaration checked", async (name, resolution) => {
    consumer.write("main.ts", namesAll(consumer.doors));
    consumer.write(
      `tsconfig.${name}.json`,
      JSON.stringify({ compilerOptions: { ...compilerOptions, ...resolution }, files: ["main.ts"] }),
    );
    expect(await consumer.compile(`tsconfig.${name}.json`)).toBe("");
    consumer.write("main.ts", 'import { nothing } from "@otp/core";\nnothing();\n');
    expect(await consumer.compile(`tsconfig.${name}.json`)).toContain("has no exported member 'nothing'");
  });
});
