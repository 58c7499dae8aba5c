/**
 * Where the cookie comes from: the option, else `OTP_COOKIE`, else the file `.otp.cookie` in the home directory, which is
 * made on first use. Who can read the cookie can run code on the cluster, so a file that others can read is refused.
 */
import { chmodSync, closeSync, fstatSync, openSync, readFileSync, writeSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { CookieError } from "../base/errors.ts";

/** Where to look. */
export interface CookieSources {
  readonly option: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home?: string;
  /** Makes a new cookie's random bytes. */
  readonly randomBytes: (length: number) => Uint8Array;
}

/** The cookie of this start. @throws CookieError that says what is wrong with the file, and how to mend it. */
export function findCookie({ option, environment, home, randomBytes }: CookieSources): string {
  if (option !== undefined) return checkCookie(option, "the option cookie");
  const fromEnvironment = environment["OTP_COOKIE"];
  if (fromEnvironment !== undefined) return checkCookie(fromEnvironment, "OTP_COOKIE");
  const file = join(home ?? homedir(), ".otp.cookie");
  return readCookie(file) ?? makeCookie(file, randomBytes);
}

/** @throws CookieError for an empty or overlong cookie. */
export function checkCookie(cookie: string, source: string): string {
  if (typeof cookie === "string" && cookie.length > 0 && cookie.length <= 255) return cookie;
  throw new CookieError(`expected ${source} to be a string of 1 to 255 characters`);
}

function readCookie(file: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new CookieError(`cannot read the cookie file ${file}; make it readable for you, or give a cookie`, {
      cause: error,
    });
  }
  try {
    // Of the opened file, not of the path, which could be exchanged in between.
    const { mode } = fstatSync(descriptor);
    if ((mode & 0o077) !== 0) {
      throw new CookieError(
        `the cookie file ${file} must be accessible by its owner only, and has mode ${(mode & 0o777).toString(8)}; run: chmod 600 ${file}`,
      );
    }
    const cookie = readFileSync(descriptor, "utf8").trim();
    return checkCookie(cookie, `the cookie file ${file}`);
  } finally {
    closeSync(descriptor);
  }
}

function makeCookie(file: string, randomBytes: (length: number) => Uint8Array): string {
  const cookie = Buffer.from(randomBytes(32)).toString("base64url");
  let descriptor: number;
  try {
    descriptor = openSync(file, "wx", 0o600);
  } catch (error) {
    // Another node of this user was faster: its cookie is the one.
    const made = isExisting(error) ? readCookie(file) : undefined;
    if (made !== undefined) return made;
    throw new CookieError(`cannot create the cookie file ${file}; give a cookie, or set OTP_COOKIE`, { cause: error });
  }
  try {
    writeSync(descriptor, `${cookie}\n`);
    chmodSync(file, 0o600);
  } finally {
    closeSync(descriptor);
  }
  return cookie;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
