// On every width, and at 200%: the control that is moved and the chart that answers are on one screen.

import assert from "node:assert/strict";
import test from "node:test";

import { studio } from "./lib/explorer.mjs";

const { visit } = await studio();

const windows = [["a phone", 320, 640], ["a larger phone", 375, 667], ["1280 at 200%", 640, 360], ["a tablet", 800, 1000], ["a laptop", 1280, 720]];
for (const [name, width, height] of windows) {
  test(`on ${name}, ${width} × ${height}, each slider has the gradient beside it`, () =>
    visit("?v=1&l=2", async (explorer) => {
      for (const key of ["w", "b", "t", "n", "c", "o", "task", "i"]) {
        const control = explorer.control(key);
        await control.focus();
        await explorer.after(() => explorer.page.keyboard.press(key === "o" ? "ArrowUp" : ["c", "task", "i"].includes(key) ? "ArrowDown" : "ArrowRight"));
        const boxes = await explorer.page.evaluate((key) => {
          const plot = document.querySelector("[data-chart=gradient] svg[role=img]").getBoundingClientRect();
          const control = document.querySelector(`[name=${key}]`);
          const { top, bottom, left, width } = control.getBoundingClientRect();
          const above = document.elementFromPoint(left + width / 2, (top + bottom) / 2);
          return { plot: [plot.top, plot.bottom], control: [top, bottom], free: control === above || control.contains(above) };
        }, key);
        for (const [top, bottom] of [boxes.plot, boxes.control]) assert.ok(top >= -1 && bottom <= height + 1, `${key}: ${JSON.stringify(boxes)}`);
        assert.ok(boxes.free, `${key} is not covered`);
      }
    }, { own: true, width, height }));
}

for (const [width, height] of [[320, 640], [640, 360]]) {
  test(`what has the focus is not covered by the chart, ${width} × ${height}`, () =>
    visit("?v=1", async (explorer) => {
      const { page } = explorer;
      await page.evaluate(() => document.querySelector("[name=o]").focus());
      for (const key of ["Shift+Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab", "Tab", "Tab"]) {
        await page.keyboard.press(key);
        const free = await page.evaluate(() => {
          const one = document.activeElement;
          const { top, bottom, left, width } = one.getBoundingClientRect();
          const above = document.elementFromPoint(left + width / 2, (top + bottom) / 2);
          return one === above || one.contains(above);
        });
        assert.ok(free, `after ${key}`);
      }
    }, { own: true, closed: true, width, height }));
}
