#!/usr/bin/env node
/** What npm links as the command: it is there before anything has been built. */
try {
  await import("../dist/main.js");
} catch (error) {
  if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
  process.stderr.write("chat-rooms: not built yet; run: npm run build\n");
  process.exitCode = 1;
}
