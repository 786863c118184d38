// The program under test, started for a file of tests and ended with it.

import { spawn } from "node:child_process";
import { get } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const target = (name) => fileURLToPath(new URL(`../../../target/debug/${name}`, import.meta.url));

export const XTASK = process.env.XTASK ?? target("xtask");
export const DIRECT = process.env.DIRECT ?? target("examples/direct");

/** `xtask explore --port 0`, with more of an environment: { origin, stop }. */
export async function serve(more = {}) {
  const child = spawn(XTASK, ["explore", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...more } });
  const ended = new Promise((done, fail) => {
    child.once("exit", done);
    child.once("error", fail);
  });
  const lines = createInterface({ input: child.stdout });
  const origin = await Promise.race([
    new Promise((done) => lines.once("line", (line) => done(/http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]))),
    ended.then((code) => Promise.reject(new Error(`the explorer ended with ${code} before it said its address`))),
  ]);
  if (!origin) throw new Error("the explorer says no address");
  return {
    origin,
    async stop() {
      child.kill("SIGINT");
      const late = setTimeout(() => child.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(late);
    },
  };
}

/** { status, text } of an address, by a connection of its own: the server ends those that are kept for long. */
export function ask(url) {
  return new Promise((done, fail) => {
    const request = get(url, { agent: false }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => done({ status: response.statusCode, text: Buffer.concat(parts).toString() }));
      response.on("error", fail);
    });
    request.on("error", fail);
  });
}
