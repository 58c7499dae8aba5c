#!/usr/bin/env node
/** The command `otp`. */
import { runCli } from "./cli.ts";

const code = await runCli(process.argv);
// Whatever the user's code has left running ends with the shell.
process.exit(code);
