// The sequence: its numbers are those of the view, and a sample that is dragged changes everything.

import assert from "node:assert/strict";
import test from "node:test";

import { studio } from "./lib/explorer.mjs";
import { assertReads } from "./lib/numbers.mjs";

const { visit } = await studio();
const own = { own: true };

const strip = "[data-chart=sequence]";

/** Where sample t of the input is on the screen. */
const sample = (explorer, t) =>
  explorer.page.evaluate((t) => {
    const { plot } = document.querySelector(".explorer").explorer.main.sequence;
    plot.root.scrollIntoView({ block: "center", behavior: "instant" });
    const box = plot.svg.getBoundingClientRect();
    const { inputs, editable } = document.querySelector(".explorer").explorer.view.sequence;
    return { x: box.left + plot.area.px(t), y: box.top + plot.inputs.y(inputs[editable][t - 1]) };
  }, t);

for (const address of ["", "?v=1&task=adding&t=20", "?v=1&task=order&t=20&o=all", "?v=1&task=flipflop&c=gru&t=30&o=all"]) {
  test(`the legend and the table of ${address || "the notebook’s sequence"} have its numbers`, () =>
    visit(address, async (explorer) => {
      const { sequence, settings } = await explorer.view();
      const legend = await explorer.legend("sequence");
      assertReads(legend["‖dL/dxt‖"], sequence.input_gradient[settings.time - 1], "input gradient");
      await explorer.page.locator(strip).getByRole("button", { name: /^Table of/ }).click();
      const rows = await explorer.page.locator(`${strip} .scroll tr`).evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
      assert.equal(rows.length, settings.time + 1);
      const at = rows[0].indexOf("‖dL/dxt‖");
      sequence.input_gradient.forEach((value, t) => assertReads(rows[t + 1][at], value, `‖dL/dx‖ at ${t + 1}`));
      const bars = await explorer.page.locator(`${strip} path.bars`).getAttribute("d");
      assert.equal((bars.match(/M/g) ?? []).length, sequence.input_gradient.filter((value) => value > 0).length);
    }, own));
}

test("arrows are as thick as the gradient", () =>
  visit("?v=1&t=12&o=all", async (explorer) => {
    const { layers, sequence, reach } = await explorer.view();
    const largest = Math.max(...layers[0].gradient, ...sequence.input_gradient, ...reach.norms.map((row) => row.at(-1)));
    const path = await explorer.page.locator(`${strip} .flow.back`).getAttribute("d");
    const wide = [...path.matchAll(/v([\d.]+)L/g)].map(([, width]) => Number(width));
    assert.equal(wide.length, 11);
    wide.forEach((width, k) => assert.ok(Math.abs(width - Math.max(0.4, (13 * layers[0].gradient[k]) / largest)) < 0.02, `at ${k + 1}`));
  }, own));

test("the strip and the gradient share their axis of time", () =>
  visit("?v=1&t=40", async (explorer) => {
    const [strip, line] = await explorer.page.evaluate(() => {
      const { main } = document.querySelector(".explorer").explorer;
      return [main.sequence.plot, main.gradient.plot].map((plot) => [1, 20, 40].map((t) => plot.svg.getBoundingClientRect().left + plot.area.px(t)));
    });
    strip.forEach((x, k) => assert.ok(Math.abs(x - line[k]) < 0.6, `${x}, ${line[k]}`));
  }, own));

for (const width of [1280, 320]) {
  test(`a sample that is dragged moves, and everything follows, ${width} pixels`, () =>
    visit("", async (explorer) => {
      const { page } = explorer;
      const before = await explorer.view();
      const { x, y } = await sample(explorer, 4);
      await page.mouse.move(x, y);
      await explorer.after(async () => {
        await page.mouse.down();
        for (let k = 1; k <= 8; k += 1) await page.mouse.move(x, y + (before.sequence.inputs[0][3] > 0 ? 3 : -3) * k);
        await page.mouse.up();
      });
      await page.waitForTimeout(100);
      const after = await explorer.view();
      assert.notEqual(after.sequence.inputs[0][3], before.sequence.inputs[0][3]);
      assert.deepEqual(after.sequence.inputs[0].filter((_, t) => t !== 3), before.sequence.inputs[0].filter((_, t) => t !== 3));
      assert.notDeepEqual(after.layers[0].gradient, before.layers[0].gradient);
      assert.match(explorer.search, /x=4(:|%3A)/);
      assert.equal(await page.locator(`${strip} .sample.edited`).count(), 1);
      await explorer.press("Reset the input");
      assert.deepEqual((await explorer.view()).sequence, before.sequence);
      assert.ok(await page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth));
    }, { ...own, width, height: 800 }));
}

test("keys change the sample of the marked timestep", () =>
  visit("?v=1&j=3", async (explorer) => {
    const before = await explorer.view();
    const slider = explorer.page.locator("#x-sample");
    assert.ok(Math.abs(Number(await slider.inputValue()) - before.sequence.inputs[0][2]) < 0.011);
    await slider.focus();
    await explorer.after(() => explorer.page.keyboard.press("ArrowLeft"));
    const after = await explorer.view();
    assert.ok(Math.abs(before.sequence.inputs[0][2] - after.sequence.inputs[0][2] - 0.01) < 0.006);
    assert.equal(await explorer.page.evaluate(() => document.activeElement.id), "x-sample");
  }, own));

test("more samples than an address holds are refused with a sentence", () =>
  visit("", async (explorer) => {
    await explorer.set("t", "30");
    for (let t = 1; t <= 16; t += 1) await explorer.after(() => explorer.page.evaluate((t) => document.querySelector(".explorer").explorer.edit(t, 0.25, true), t));
    assert.equal((await explorer.view()).sequence.inputs[0].filter((value) => value === 0.25).length, 16);
    await explorer.page.evaluate(() => document.querySelector(".explorer").explorer.edit(20, 0.25, true));
    assert.match(await explorer.notice(), /At most 16 samples can be changed/);
  }, own));
