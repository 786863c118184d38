// How long the WebAssembly module takes for a view: `MODULE=explorer.wasm npm run module-time`. A table, not a test. It is the
// time of the processor, which other programs lengthen little, and not that of the clock.

import { readFileSync } from "node:fs";
import { cpuUsage } from "node:process";

import { openModule } from "./lib/module.mjs";

const [WARM, MOVES] = [20, Number(process.env.MOVES ?? 60)];
const SIZES = [["16, 10", ""], ["64, 200", "&n=64&t=200"]];

const share = (values, p) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(p * values.length))];
const module = await openModule(readFileSync(process.env.MODULE));
console.log(`Milliseconds: the median / the 95th percentile of ${MOVES} moves.\n\n| units, timesteps | cell | loss at | computed |\n|---|---|---|---|`);
for (const [size, more] of SIZES) {
  for (const cell of ["rnn", "lstm", "gru"]) {
    for (const loss of ["last", "all"]) {
      const times = [];
      for (let k = 0; k < WARM + MOVES; k += 1) {
        const before = cpuUsage();
        module.ask("view", `v=1&c=${cell}&o=${loss}&w=${(-4 + 0.05 * ((37 * k) % 160)).toFixed(2)}${more}`, 1);
        const { user, system } = cpuUsage(before);
        if (k >= WARM) times.push((user + system) / 1000);
      }
      console.log(`| ${size} | ${cell === "rnn" ? "RNN" : cell.toUpperCase()} | ${loss} | ${share(times, 0.5).toFixed(1)} / ${share(times, 0.95).toFixed(1)} |`);
    }
  }
}
