/** The front door of `@otp/shell`: the command `otp`, for programs that bring it along. */
export { runCli } from "./cli.ts";
