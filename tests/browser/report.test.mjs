// The report: an article that holds an explorer, too: views that were computed before, in a file that asks nobody for anything.
// REPORT is the index.html of a report; without it a quick one is made.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import test, { after } from "node:test";
import { pathToFileURL } from "node:url";

import { contrast } from "./lib/colour.mjs";
import { direct } from "./lib/direct.mjs";
import { studio } from "./lib/explorer.mjs";
import { assertClose, assertClosePoints, assertReads } from "./lib/numbers.mjs";
import { XTASK } from "./lib/server.mjs";

const file = process.env.REPORT ? resolve(process.env.REPORT) : made();
const there = /class="explorer"[^>]*data-source="grid"/.test(readFileSync(file, "utf8"));
const skip = there ? false : "the report has no explorer";
const url = pathToFileURL(file).href;
const { visit } = await studio({ server: false });
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

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

// The article around it.

/** A page of its own at a size, in the light or in the dark; `body` gets the page of Playwright. */
const read = (options, body) => visit(url, (explorer) => body(explorer.page), { own: true, ...options });

for (const colorScheme of ["light", "dark"]) {
  for (const width of [320, 375, 1280]) {
    test(`its figures can be read at ${width} pixels, ${colorScheme}`, () =>
      read({ width, height: 800, colorScheme }, async (page) => {
        const seen = await page.evaluate(() => {
          const svgs = [...document.querySelectorAll("main > section > figure svg")];
          const wide = (one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5;
          const sizes = svgs.flatMap((svg) => {
            const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
            return [...svg.querySelectorAll("text")].filter((text) => !text.closest(".reading")).map((text) => scale * parseFloat(getComputedStyle(text).fontSize));
          });
          return { figures: svgs.length, small: Math.min(...sizes), large: Math.max(...sizes), wide: svgs.filter(wide).length, scroll: document.scrollingElement.scrollWidth };
        });
        assert.ok(seen.figures > 40, `${seen.figures} figures`);
        assert.ok(seen.small >= 8.5 && seen.large <= 24, `texts of ${seen.small} to ${seen.large} pixels`);
        assert.deepEqual([seen.wide, seen.scroll <= width], [0, true]);
      }));
  }

  test(`its texts and lines stand out from the page, ${colorScheme}`, () =>
    read({ colorScheme }, async (page) => {
      const { paper, colours } = await page.evaluate(() => {
        const style = (one) => getComputedStyle(one);
        const of = (selector, property) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility()).map((one) => style(one)[property]);
        return {
          paper: style(document.body).backgroundColor,
          colours: {
            prose: [4.5, [...new Set(of("main > section > :is(p, h2, h3), .next, figcaption, main a, footer p", "color"))]],
            labels: [4.5, [...new Set(of(".panels > svg > g > text", "fill"))]],
            explorer: [4.5, [style(document.querySelector(".explorer")).color]],
          },
        };
      });
      assert.equal(colorScheme === "dark", contrast(paper, "rgb(255, 255, 255)") > 10, `the page is ${paper}`);
      for (const [what, [least, all]] of Object.entries(colours)) {
        assert.ok(all.length > 0, what);
        for (const colour of all) assert.ok(contrast(colour, paper) >= least, `${what}: ${colour} on ${paper}`);
      }
    }));

  test(`axe finds nothing in the article, ${colorScheme}`, () =>
    read({ colorScheme }, async (page) => {
      await page.evaluate(axe);
      const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
      const { violations } = await page.evaluate((rules) => window.axe.run({ exclude: [".explorer"] }, { runOnly: rules, resultTypes: ["violations"] }), rules);
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`), []);
    }));
}

test("it does not grow while one scrolls, and its captions begin where the text does", () =>
  read({ width: 1280, height: 800 }, async (page) => {
    const height = () => page.evaluate(() => document.scrollingElement.scrollHeight);
    const before = await height();
    for (let y = 0; y < before; y += 2000) await page.evaluate((y) => scrollTo(0, y), y);
    assert.equal(await height(), before);
    const lefts = await page.evaluate(() => [...document.querySelectorAll("main > section > p, main > section > figure > figcaption")].map((one) => Math.round(one.getBoundingClientRect().left)));
    assert.deepEqual(new Set(lefts).size, 1, `${[...new Set(lefts)]}`);
  }));

test("values are read off by pointer and by keys", () =>
  read({}, async (page) => {
    const panel = page.locator(".panels > svg:has(.at)").first();
    const shown = () => panel.locator(".reading").evaluateAll((all) => all.filter((one) => getComputedStyle(one).visibility === "visible").map((one) => one.textContent));
    await panel.scrollIntoViewIfNeeded();
    assert.deepEqual(await shown(), []);
    await panel.locator(".at > rect").nth(3).hover();
    assert.match((await shown()).join("|"), /^timestep t = 4/);
    await page.mouse.move(0, 0);
    await panel.focus();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    assert.match((await shown()).join("|"), /^timestep t = 9/);
    assert.match(await page.locator("#reading").textContent(), /^timestep t = 9 .*input/);
    await page.keyboard.press("Escape");
    assert.deepEqual(await shown(), []);
  }));

test("a question’s link moves the explorer and shows it", { skip }, () =>
  read({}, async (page) => {
    const link = page.locator('a[href^="#explore?"]').first();
    const query = new URLSearchParams((await link.getAttribute("href")).split("?")[1]);
    await link.click();
    await page.waitForFunction(() => document.getElementById("explorer").getBoundingClientRect().top < innerHeight / 2);
    await page.waitForFunction((w) => document.querySelector(".explorer [name=w]").value === w, query.get("w"));
  }));

test("on paper no heading is left alone", () =>
  read({}, async (page) => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    const styles = await page.evaluate(() => ({
      headings: [...document.querySelectorAll("h2, main > section > h3")].map((one) => getComputedStyle(one).breakAfter),
      figures: [...document.querySelectorAll("main > section > figure")].map((one) => getComputedStyle(one).breakInside),
      paper: getComputedStyle(document.body).backgroundColor,
    }));
    assert.deepEqual([new Set(styles.headings), new Set(styles.figures)], [new Set(["avoid"]), new Set(["avoid"])]);
    assert.equal(styles.paper, "rgb(255, 255, 255)");
  }));
