// A Chromium without a window, and without a word to anybody.

import { existsSync } from "node:fs";

import { chromium } from "playwright-core";

const KNOWN = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export const executable = process.env.CHROMIUM ?? KNOWN.find((path) => existsSync(path));

export function launch() {
  if (!executable) throw new Error(`no Chromium: set CHROMIUM, or install one of ${KNOWN.join(", ")}`);
  return chromium.launch({ executablePath: executable, args: FLAGS });
}
