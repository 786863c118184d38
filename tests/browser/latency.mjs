// How long it takes from a slider to the painted frame: `npm run latency`. A table, not a test: it depends on the machine. SITE is
// a folder of `cargo xtask site`, whose explorer computes in the page; without it the explorer has a server.

import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { launch } from "./lib/browser.mjs";
import { serve } from "./lib/server.mjs";

const MOVES = Number(process.env.MOVES ?? 100);
const SIZES = [["n=16, t=10", ""], ["n=64, t=200", "&n=64&t=200"]];

/** Moves the weight slider, each time once the move before is painted. */
const measure = (page) =>
  page.evaluate(async (moves) => {
    const { explorer } = document.querySelector(".explorer");
    const slider = document.querySelector("[name=w]");
    const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const times = [];
    for (let k = 0; k < moves; k += 1) {
      performance.clearResourceTimings();
      slider.value = String(-4 + 0.05 * ((37 * k) % 160));
      const start = performance.now();
      const drawn = new Promise((done) => explorer.root.addEventListener("explorer:drawn", done, { once: true }));
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      await drawn;
      const { answer, draw } = explorer.timing;
      await painted();
      const entry = performance.getEntriesByType("resource").at(-1);
      times.push({ compute: entry?.serverTiming?.[0]?.duration ?? explorer.source.took ?? NaN, answer, draw, painted: performance.now() - start });
      while (explorer.latest.busy) await painted();
    }
    return times;
  }, MOVES);

const share = (values, p) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(p * values.length))];

const site = process.env.SITE ? pathToFileURL(join(resolve(process.env.SITE), "explorer.html")).href : null;
const [program, browser] = [site ? null : await serve(), await launch()];
const address = (query) => (site ? `${site}#explore?${query}` : `${program.origin}/?${query}`);
const rows = [];
try {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 1000 } })).newPage();
  for (const [size, more] of SIZES) {
    for (const cell of ["rnn", "lstm", "gru"]) {
      for (const loss of ["last", "all"]) {
        // Another fragment alone would not load the page again.
        await page.goto("about:blank");
        await page.goto(address(`v=1&c=${cell}&o=${loss}${more}`));
        await page.waitForFunction(() => document.querySelector(".explorer")?.explorer.timing && !document.querySelector(".explorer").explorer.latest.busy);
        const times = await measure(page);
        const both = (key) => [0.5, 0.95].map((p) => share(times.map((one) => one[key]), p).toFixed(1)).join(" / ");
        rows.push([size, cell, loss, both("compute"), both("answer"), both("draw"), both("painted")]);
      }
    }
  }
} finally {
  await browser.close();
  await program?.stop();
}

const head = ["size", "cell", "loss", "computed", "slider to answer", "answer to drawn", "slider to painted"];
const widths = head.map((title, k) => Math.max(title.length, ...rows.map((row) => row[k].length)));
const line = (cells) => `| ${cells.map((cell, k) => (k < 3 ? cell.padEnd(widths[k]) : cell.padStart(widths[k]))).join(" | ")} |`;
console.log(`Milliseconds: the median / the 95th percentile of ${MOVES} moves.\n`);
console.log([line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n"));
