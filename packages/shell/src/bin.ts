#!/usr/bin/env node
/** The command `otp`. */
import { runCli } from "./cli.ts";

// Who reads no further, as head, wants no more.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

const code = await runCli(process.argv);
// Whatever the user's code has left running ends with the shell.
process.exit(code);
