// What one sees first, what opens, and what an address may hide.

import assert from "node:assert/strict";
import test from "node:test";

import { studio } from "./lib/explorer.mjs";

const { visit } = await studio();
const closed = { own: true, closed: true };

const box = (explorer, selector) =>
  explorer.page.locator(selector).first().evaluate((one) => {
    const { top, bottom, left, right } = one.getBoundingClientRect();
    return { top, bottom, left, right };
  });

for (const address of ["", "?v=1&c=lstm&t=60", "?v=1&t=200&o=all&l=2"]) {
  test(`the first screen of ${address || "the notebook’s network"} holds the question, the sequence, the gradient and its sentence`, () =>
    visit(address, async (explorer) => {
      for (const part of ["[data-question]", "[data-summary]", "[data-chart=sequence] svg[role=img]", "[data-chart=gradient] svg[role=img]", "[name=w]"]) {
        const { top, bottom } = await box(explorer, part);
        assert.ok(top >= 0 && bottom <= 720, `${part} lies from ${top} to ${bottom}`);
      }
      assert.ok((await box(explorer, "[data-chart=gradient] figcaption")).top < 700, "its sentence begins there");
      const shown = await explorer.page.locator("figure.chart").evaluateAll((all) => all.filter((one) => one.checkVisibility()).map((one) => one.dataset.chart));
      assert.deepEqual(shown.sort(), ["gradient", "sequence"]);
    }, { ...closed, width: 1280, height: 720 }));
}

test("what is closed draws nothing, and draws once it is opened", () =>
  visit("?v=1&c=lstm&t=20", async (explorer) => {
    const drawn = () => explorer.page.locator(".explorer details.group figure.chart svg[role=img]").evaluateAll((all) => all.filter((svg) => svg.innerHTML !== "").map((svg) => svg.closest("figure").dataset.chart));
    assert.deepEqual(await drawn(), []);
    await explorer.open("weights");
    const some = await drawn();
    assert.ok(some.includes("spectrum") && some.includes("singular") && !some.includes("reach"), `${some}`);
    const before = await explorer.page.locator("[data-chart=spectrum] svg[role=img]").innerHTML();
    await explorer.open("weights");
    await explorer.set("w", "2");
    assert.equal(await explorer.page.locator("[data-chart=spectrum] svg[role=img]").evaluate((svg) => svg.innerHTML), before, "closed again");
    await explorer.open("weights");
    assert.notEqual(await explorer.page.locator("[data-chart=spectrum] svg[role=img]").innerHTML(), before);
  }, closed));

test("a group with nothing to show is not there", () =>
  visit("", async (explorer) => {
    const titles = () => explorer.texts("details.group > summary");
    assert.ok(!(await titles()).includes("The highway"));
    assert.ok(!(await titles()).includes("Training"));
    await explorer.set("c", "gru");
    assert.ok((await titles()).includes("The highway"));
  }, closed));

test("an address opens a group, and a copied link names those that are open", () =>
  visit("?v=1&t=20&open=weights,step", async (explorer) => {
    const open = () => explorer.page.locator("details.group[open]").evaluateAll((all) => all.map((one) => one.dataset.group));
    assert.deepEqual(await open(), ["step", "weights"]);
    assert.equal(explorer.search, "?v=1&t=20&open=weights,step");
    await explorer.set("w", "2");
    assert.equal(explorer.search, "?v=1&w=2&t=20&open=weights,step");
    await explorer.open("far");
    const link = await explorer.page.evaluate(async () => {
      let copied = null;
      Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => (copied = text) } });
      document.querySelector("[data-do=link]").click();
      await new Promise((done) => setTimeout(done, 50));
      return copied;
    });
    assert.match(link, /\?v=1&w=2&t=20&open=step,far,weights$/);
    assert.match(await explorer.page.locator("[data-copied]").textContent(), /leads to this machine; elsewhere, put \?v=1&w=2/);
  }, closed));

test("show= leaves only the parts that it names", () =>
  visit("?v=1&show=gradient,weight", async (explorer) => {
    const shown = await explorer.page.evaluate(() => {
      const seen = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
      return { charts: seen("figure.chart").map((one) => one.dataset.chart), names: seen(".explorer [name]").map((one) => one.name), groups: seen("details.group").length, summary: seen("[data-summary]").length };
    });
    assert.deepEqual(shown, { charts: ["gradient"], names: ["w"], groups: 0, summary: 0 });
    await explorer.set("w", "2");
    assert.equal(explorer.search, "?v=1&w=2&show=gradient,weight");
    assert.equal((await explorer.view()).settings.weight_scale, 2);
  }, closed));

test("show= may name a chart of a group, and opens it", () =>
  visit("?v=1&c=lstm&show=spectrum,cell,question", async (explorer) => {
    const charts = await explorer.page.locator("figure.chart").evaluateAll((all) => all.filter((one) => one.checkVisibility()).map((one) => [one.dataset.chart, one.querySelector("svg[role=img]").innerHTML.length > 0]));
    assert.deepEqual(charts, [["spectrum", true]]);
    assert.ok(await explorer.page.locator("[data-question]").isVisible());
    assert.ok(await explorer.control("c").isVisible());
    assert.equal(await explorer.control("w").isVisible(), false);
  }, closed));

test("embed leaves the head to the page around", () =>
  visit("?v=1&w=2&embed", async (explorer) => {
    assert.equal(await explorer.page.locator(".head").isVisible(), false);
    assert.equal(explorer.search, "?v=1&w=2&embed");
    await explorer.set("w", "3");
    assert.equal(explorer.search, "?v=1&w=3&embed");
  }, closed));

test("go(query) sets the controls, opens what it names, and asks", () =>
  visit("", async (explorer) => {
    await explorer.after(() => explorer.page.evaluate(() => document.querySelector(".explorer").explorer.go("c=lstm&t=60&f=5&open=gated&hold=c-lstm_t-60")));
    assert.equal((await explorer.view()).settings.forget_bias, 5);
    assert.equal((await explorer.held()).settings.forget_bias, null);
    assert.equal(explorer.search, "?v=1&c=lstm&t=60&f=5&hold=v-1_c-lstm_t-60");
    assert.ok(await explorer.page.locator("[data-chart=gates]").isVisible());
  }, closed));

for (const address of ["", "?v=1&c=lstm"]) {
  test(`the panel of ${address || "an RNN"} needs no scrolling of its own at 1366 × 768`, () =>
    visit(address, async (explorer) => {
      const { inner, outer } = await explorer.page.locator(".controls").evaluate((one) => ({ inner: one.scrollHeight, outer: one.clientHeight }));
      assert.ok(inner <= outer && outer <= 768, `${inner} pixels in ${outer}`);
      for (const part of ["scale", "network", "train", "presets", "more", "data", "training-settings", "compare", "take"]) assert.ok(await explorer.page.locator(`.controls > [data-part=${part}]`).isVisible(), part);
    }, { ...closed, width: 1366, height: 768 }));
}

test("the first stop of Tab leads past the settings to the charts", () =>
  visit("", async (explorer) => {
    await explorer.page.keyboard.press("Tab");
    assert.equal(await explorer.page.evaluate(() => document.activeElement.textContent), "Skip to the charts");
    await explorer.page.keyboard.press("Enter");
    assert.equal(await explorer.page.evaluate(() => document.activeElement.id), "x-charts");
    const stops = await explorer.page.evaluate(() => [...document.querySelectorAll(".explorer :is(input, select, button, a[href], summary, [tabindex='0'])")].filter((one) => !one.disabled && one.checkVisibility()).length);
    assert.ok(stops <= 46, `${stops} stops`);
  }, closed));
