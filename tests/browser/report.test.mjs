// The report holds an explorer, too: views that were computed before, in a file that asks nobody for anything.
// REPORT is the index.html of a report; without it a quick one is made.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import test, { after } from "node:test";
import { pathToFileURL } from "node:url";

import { direct } from "./lib/direct.mjs";
import { studio } from "./lib/explorer.mjs";
import { assertClose, assertClosePoints, assertReads } from "./lib/numbers.mjs";
import { XTASK } from "./lib/server.mjs";

const file = process.env.REPORT ? resolve(process.env.REPORT) : made();
const there = /class="explorer"[^>]*data-source="grid"/.test(readFileSync(file, "utf8"));
const skip = there ? false : "the report has no explorer";
const url = pathToFileURL(file).href;
const { visit } = await studio({ server: false });

function made() {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync(XTASK, ["report", "--quick", "--out", folder], { stdio: ["ignore", "ignore", "inherit"], timeout: 120_000 });
  return join(folder, "index.html");
}

// Half a unit of the last digit: the grid has three of each number in a list, as many as the page shows, and six of others.
const [THREE, SIX] = [5.01e-3, 5.01e-6];

/** The numbers of the grid. */
function assertGrid(view, expected) {
  assertClose(view.loss, expected.loss, "loss", SIX);
  expected.layers.forEach((layer, k) => {
    const { hidden, gradient, saturated, ratio, predicted } = view.layers[k];
    assertClose(hidden, layer.hidden, "states", THREE);
    assertClose(gradient, layer.gradient, "gradients", THREE);
    // The report has one layer: the row of the last loss is its own.
    const row = expected.reach?.at(-1);
    assertClose(ratio, row?.at(-1) ? row[0] / row.at(-1) : null, "ratio", SIX);
    if ("radius" in layer) assertClose(predicted.radius, layer.radius, "radius", SIX);
    if (layer.saturated) assertClose(saturated, layer.saturated, "saturated", THREE);
  });
  expected.weights.forEach(({ eigenvalues, singular_values }, k) => {
    const matrix = view.spectrum.weights[k];
    assertClosePoints(matrix.eigenvalues, eigenvalues, "eigenvalues", THREE);
    if (matrix.singular_values.length > 0) assertClose(matrix.singular_values, singular_values, "singular values", THREE);
  });
  view.reach.norms.forEach((row, t) => assertClose(row, expected.reach[t], `reach of the loss at ${t + 1}`, THREE));
  for (const { name, norm } of view.terms) assertClose(norm, expected.terms.find((term) => term.name === name).norm, `terms of ${name}`, THREE);
}

const grid = (explorer) => explorer.page.evaluate(() => {
  const { weights, biases, settings } = document.querySelector(".explorer").explorer.source;
  return { weights, biases, settings };
});

test("its sliders move from point to point of the grid, and the numbers are those of the crates", { skip }, () =>
  visit(url, async (explorer) => {
    const { weights, biases, settings } = await grid(explorer);
    assert.ok(weights.length > 5 && biases.length > 1);
    assert.deepEqual([weights.at(0), weights.at(-1)], [-5, 5]);
    const acts = [
      ["w", String(weights.at(-1)), {}], ["w", String(weights[3]), {}], ["b", String(biases[0]), {}], ["o", "all", {}], ["a", "relu", {}], ["a", "identity", {}],
      ["c", "lstm", {}], ["w", String(weights[weights.length >> 1]), {}], ["c", "gru", {}], ["o", "last", {}], ["c", "rnn", {}], ["a", "sigmoid", {}],
    ];
    const now = { w: "1", b: "1", c: "rnn", a: "tanh", o: "last" };
    // What the grid was computed with.
    const base = { n: settings.hidden, t: settings.time, s: settings.seed, l: settings.layers };
    const states = acts.map(([key, value]) => ((now[key] = value), { ...now }));
    const expected = direct(states.map((state) => String(new URLSearchParams({ ...base, ...state }))));
    for (const [k, [key, value]] of acts.entries()) {
      await explorer.set(key, value);
      const view = await explorer.view();
      const { cell, weight_scale, bias_scale, loss } = view.settings;
      const state = states[k];
      assert.deepEqual([cell, weight_scale, bias_scale, loss], [state.c, Number(state.w), Number(state.b), state.o]);
      assertGrid(view, expected[k]);
      const { gradient } = expected[k].layers[0];
      const facts = Object.fromEntries(await explorer.facts());
      assertReads(facts["‖dL/dh1‖"], gradient[0], "‖dL/dh1‖");
      assertReads((await explorer.legend("gradient"))["‖dL/dht‖"], gradient.at(-1), "legend");
      assert.equal(await explorer.notice(), "");
    }
  }));

test("its state is in the address, after the hash", { skip }, () =>
  visit(url, async (explorer) => {
    await explorer.set("w", "2");
    await explorer.set("c", "gru");
    const { hash } = new URL(explorer.page.url());
    assert.match(hash, /^#explore\?v=1&c=gru&w=2$/);
    await explorer.press("Hold as A");
    await explorer.set("c", "lstm");
    const view = await explorer.view();
    const address = explorer.page.url();
    await explorer.goto(address);
    assert.deepEqual(await explorer.view(), view);
    assert.equal((await explorer.held()).settings.cell, "gru");
    assert.equal(await explorer.control("w").inputValue(), "2");
  }, { own: true }));

test("only what a grid has is there, and all of it can be seen", { skip }, () =>
  visit(url, async (explorer) => {
    for (const key of ["n", "l", "i", "s", "task", "t"]) assert.equal(await explorer.control(key).isVisible(), false, key);
    for (const key of ["w", "b", "c", "a", "o"]) assert.equal(await explorer.control(key).isVisible(), true, key);
    const shown = await explorer.page.locator(".explorer figure.chart").evaluateAll((all) => all.filter((one) => one.checkVisibility()).map((one) => [one.dataset.chart, one.querySelectorAll(".plot path").length]));
    assert.ok(shown.length >= 4, `${shown}`);
    assert.ok(shown.every(([, paths]) => paths > 3), `${shown}`);
    assert.ok(await explorer.page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth));
  }));
