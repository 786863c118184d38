// Narrow and wide windows.

import assert from "node:assert/strict";
import test from "node:test";

import { studio } from "./lib/explorer.mjs";

const { visit } = await studio();

const measures = (explorer) =>
  explorer.page.evaluate(() => {
    const shown = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
    const lefts = (selector) => new Set(shown(selector).map((one) => Math.round(one.getBoundingClientRect().left))).size;
    const clipped = shown(".explorer :is(button, label, h3, dt, dd, figcaption, .summary, .hint, li)").filter((one) => {
      const { left, right } = one.getBoundingClientRect();
      return left < -0.5 || right > document.documentElement.clientWidth + 0.5;
    });
    // Text that lies outside of its SVG is cut off, or lies on what is beside it.
    const outside = shown(".plot svg").flatMap((svg) => {
      const frame = svg.getBoundingClientRect();
      return [...svg.querySelectorAll("text")].filter((text) => {
        const box = text.getBoundingClientRect();
        return box.left < frame.left - 2 || box.right > frame.right + 2 || box.top < frame.top - 6 || box.bottom > frame.bottom + 6;
      }).map((text) => `${svg.closest("figure").dataset.chart}: ${text.textContent}`);
    });
    const small = shown(".explorer :is(button, select, input, summary)").filter((one) => one.getBoundingClientRect().height < 24);
    return {
      scroll: document.scrollingElement.scrollWidth,
      // In a narrow window the figure of the gradient has no box of its own.
      charts: shown("figure.chart > .body").map((one) => one.parentElement.dataset.chart),
      widths: shown(".plot svg").map((svg) => svg.getBoundingClientRect().width),
      lines: shown(".plot svg").map((svg) => svg.innerHTML.length),
      columns: lefts("figure.chart"),
      beside: document.querySelector(".controls").getBoundingClientRect().right <= document.querySelector(".views").getBoundingClientRect().left,
      clipped: clipped.map((one) => one.textContent),
      outside,
      small: small.map((one) => one.textContent || one.name || one.dataset.mirrors),
    };
  });

const always = ["gradient", "sequence", "hidden", "spectrum", "singular"];
const finite = ["saturation", "reach", "terms"];
const full = "?v=1&c=lstm&l=3&t=200&n=8&k=2&task=sines&hold=v-1_c-lstm_l-3_t-200_n-8";
for (const [name, address, charts] of [["the notebook’s network", "", [...always, ...finite]], ["everything there is", full, [...always, ...finite, "gates", "training"]], ["numbers out of range", "?v=1&a=identity&n=64&t=200&w=5&l=3&i=gaussian&g=3", always]]) {
  for (const width of [320, 1440]) {
    test(`${width} pixels, ${name}`, () =>
      visit(
        address,
        async (explorer) => {
          const { scroll, columns, beside, widths, lines, ...seen } = await measures(explorer);
          assert.ok(scroll <= width, `${scroll} pixels wide`);
          for (const chart of charts) assert.ok(seen.charts.includes(chart), `${chart} is not there`);
          assert.ok(widths.every((one) => one >= (width === 320 ? 100 : 150)), `charts of ${widths}`);
          assert.ok(lines.every((length) => length > 0), "a plot is empty");
          assert.deepEqual(seen.clipped, []);
          assert.deepEqual(seen.outside, []);
          assert.deepEqual(seen.small, []);
          if (width === 320) assert.deepEqual([columns, beside], [1, false]);
          else assert.ok(columns >= 2 && beside, `${columns} columns`);
        },
        { width, height: 900 },
      ));
  }
}

test("a window that changes its width takes its charts along", () =>
  visit(
    "",
    async (explorer) => {
      const width = () => explorer.page.locator("[data-chart=gradient] .plot svg").evaluate((svg) => [svg.getBoundingClientRect().width, svg.viewBox.baseVal.width]);
      for (const size of [1440, 500, 900]) {
        await explorer.page.setViewportSize({ width: size, height: 800 });
        await explorer.page.waitForTimeout(150);
        const [outer, inner] = await width();
        assert.ok(Math.abs(outer - inner) < 1, `drawn for ${inner} pixels, shown on ${outer}`);
      }
    },
    { own: true },
  ));
