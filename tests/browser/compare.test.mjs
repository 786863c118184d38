// A and now: what differs is named, all of it, and compared in a sentence that the numbers bear out.

import assert from "node:assert/strict";
import test from "node:test";

import { studio } from "./lib/explorer.mjs";
import { read } from "./lib/numbers.mjs";

const { visit } = await studio();

const cases = [
  ["c=lstm&t=60&f=5", "c=lstm&t=60&f=0", [/forget-gate bias \(A: 0; now: 5\)/]],
  ["t=30&k=50", "t=30", [/training steps \(A: 0; now: 50\)/]],
  ["a=relu&w=1.5", "a=tanh&w=1.5", [/nonlinearity \(A: tanh; now: relu\)/]],
  ["i=critical&g=0.9&s=3", "i=orthogonal&g=1.1&s=4", [/initial Whh \(A: orthogonal; now: critical\)/, /gain of Whh \(A: 1\.1; now: 0\.9\)/, /seed \(A: 4; now: 3\)/]],
  ["task=recall&o=all", "task=sines&o=last", [/task \(A: Sine mixture; now: Delayed recall\)/, /loss at \(A: last timestep; now: all timesteps\)/]],
  ["w=2", "w=2", [/same settings/]],
];
for (const [now, held, parts] of cases) {
  test(`${now} beside ${held}`, () =>
    visit(`?v=1&${now}&hold=${`v-1_${held}`.replaceAll("=", "-").replaceAll("&", "_")}`, async (explorer) => {
      const [text] = await explorer.texts("[data-compared]");
      for (const part of parts) assert.match(text, part);
      assert.ok((await explorer.texts("[data-held]"))[0].includes(text.split(".")[0].slice(0, 20)));
      const [rate, before] = [await explorer.view(), await explorer.held()].map(({ layers, layer }) => layers[layer].rate);
      const said = /multiplies the gradient of the last loss by (\S+(?: · 10\S+)?) on average, in A by ([^:]+): (.*)\.$/.exec(text.replaceAll("\u00a0", " "));
      if (!(rate > 0 && before > 0)) return assert.equal(said, null);
      if (now === held) return assert.equal(said, null);
      for (const [words, value] of [[said[1], rate], [said[2], before]]) assert.ok(Math.abs(read(words) - value) <= 0.00501 * value, `${words}: ${value}`);
      const apart = Math.log(rate) - Math.log(before);
      if (Math.abs(apart) < 5e-4) return assert.match(said[3], /the same/);
      const [, word, size, which] = /now it (loses|gains) (\S+(?: · 10\S+)?) of the logarithm (more|less) in each step/.exec(said[3]);
      assert.ok(Math.abs(read(size) - Math.abs(apart)) <= 0.00501 * Math.abs(apart));
      assert.equal((word === "gains") === (which === "more"), apart > 0);
    }));
}
