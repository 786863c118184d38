// What is taken by hand in the charts: eigenvalues, units, places of the map.

import assert from "node:assert/strict";
import test from "node:test";

import { direct } from "./lib/direct.mjs";
import { studio } from "./lib/explorer.mjs";
import { assertClose } from "./lib/numbers.mjs";

const { visit } = await studio();
const own = { own: true };

/** Where a point of the plane of eigenvalues is on the screen. */
const onPlane = (explorer, point) =>
  explorer.page.evaluate(([re, im]) => {
    const { plot } = document.querySelector(".explorer").explorer.figure("spectrum");
    plot.root.scrollIntoView({ block: "center", behavior: "instant" });
    const box = plot.svg.getBoundingClientRect();
    return [box.left + plot.area.px(re), box.top + plot.area.py(im)];
  }, point);

const drags = [
  ["?v=1&n=2&i=nonnormal&a=identity", 1.3],
  ["?v=1&n=16&t=30", 1.5],
  ["?v=1&n=16&t=30&w=-1.2", 0.8],
  ["?v=1&c=gru&t=20", 0.7],
];
for (const [address, factor] of drags) {
  test(`an eigenvalue of ${address} that is dragged takes the weight scale along`, () =>
    visit(address, async (explorer) => {
      const { page } = explorer;
      const before = await explorer.view();
      // One that no other lies close to.
      const all = before.spectrum.weights.flatMap(({ eigenvalues }) => eigenvalues);
      const [re, im] = all.reduce((best, one) => (Math.hypot(...one) > Math.hypot(...best) ? one : best));
      const from = await onPlane(explorer, [re, im]);
      const to = await onPlane(explorer, [re * factor, im * factor]);
      await page.mouse.move(...from);
      await explorer.after(async () => {
        await page.mouse.down();
        for (let k = 1; k <= 5; k += 1) await page.mouse.move(from[0] + ((to[0] - from[0]) * k) / 5, from[1] + ((to[1] - from[1]) * k) / 5);
        await page.mouse.up();
      });
      await page.waitForTimeout(200);
      const after = await explorer.view();
      const wanted = before.settings.weight_scale * factor;
      assert.ok(Math.abs(after.settings.weight_scale - wanted) < 0.04 * Math.abs(wanted) + 0.01, `${after.settings.weight_scale}, not ${wanted}`);
      const grown = Math.hypot(...after.spectrum.weights.flatMap(({ eigenvalues }) => eigenvalues).reduce((best, one) => (Math.hypot(...one) > Math.hypot(...best) ? one : best)));
      assertClose(grown / Math.hypot(re, im), after.settings.weight_scale / before.settings.weight_scale, "radius", 1e-9);
      assert.equal(new URLSearchParams(explorer.search).get("w"), String(after.settings.weight_scale));
      assert.equal(await explorer.control("w").inputValue(), String(Math.round(after.settings.weight_scale * 20) / 20));
      await explorer.goto(explorer.search);
      assertClose((await explorer.view()).layers[0].gradient, after.layers[0].gradient, "the address says it all");
    }, own));
}

test("an eigenvalue that is dragged across 0 turns the sign, and from 0 away the largest comes along", () =>
  visit("?v=1&n=2&i=nonnormal&a=identity&w=0", async (explorer) => {
    const { page } = explorer;
    const from = await onPlane(explorer, [0, 0]);
    const to = await onPlane(explorer, [-0.9, 0]);
    await page.mouse.move(...from);
    await explorer.after(async () => {
      await page.mouse.down();
      await page.mouse.move(...to, { steps: 4 });
      await page.mouse.up();
    });
    await page.waitForTimeout(200);
    const { settings } = await explorer.view();
    assert.ok(Math.abs(settings.weight_scale + 1) < 0.05, `${settings.weight_scale}`);
  }, own));

test("a click on a unit follows it in all charts that show units", () =>
  visit("?v=1&c=lstm&t=20", async (explorer) => {
    const { units, highway } = await explorer.view();
    const place = await explorer.page.evaluate(() => {
      const { plot } = document.querySelector(".explorer").explorer.figure("units-hidden");
      plot.root.scrollIntoView({ block: "center", behavior: "instant" });
      const box = plot.svg.getBoundingClientRect();
      return [box.left + plot.area.px(8), box.top + plot.area.py(5)];
    });
    await explorer.after(() => explorer.page.mouse.click(...place));
    await explorer.page.mouse.move(2, 2);
    assert.equal((await explorer.view()).settings.timestep, 8, "the timestep is marked, too");
    for (const chart of ["units-hidden", "units-gradient"]) assert.equal(await explorer.page.locator(`[data-chart=${chart}] path.followed`).count(), 1);
    assert.equal(await explorer.page.locator("#x-unit").inputValue(), "5");
    const legend = await explorer.legend("unit");
    assert.equal(Object.keys(legend).length, 2);
    for (const [name, values] of [["ht of unit 5", units.hidden[4]], ["dL/dht of unit 5", units.gradient[4]]]) assert.ok(Math.abs(Number(legend[name].replace("−", "-").replace(/\u00a0·\u00a010.*/, "")) || 1) > 0, `${name}: ${values[7]}`);
    if (highway) assert.ok((await explorer.texts("[data-chart=kept] .legend li span")).includes("unit 5"));
    await explorer.page.locator("#x-unit").fill("7");
    await explorer.page.keyboard.press("Enter");
    assert.ok("ht of unit 7" in (await explorer.legend("unit")));
  }, own));

test("the gradients of the units have the norm of the curve", () =>
  visit("?v=1&c=lstm&t=20", async (explorer) => {
    const { units, layers } = await explorer.view();
    layers[0].gradient.forEach((norm, t) => assertClose(Math.hypot(...units.gradient.map((row) => row[t])), norm, `at ${t + 1}`));
    layers[0].hidden.forEach((norm, t) => assertClose(Math.hypot(...units.hidden.map((row) => row[t])), norm, `at ${t + 1}`));
  }, own));

test("the map has a dot where the sliders are, and a click moves them", () =>
  visit("?v=1&w=2&b=-1", async (explorer) => {
    const { page } = explorer;
    const chart = page.locator("[data-chart=map]");
    await page.waitForFunction(() => document.querySelector(".explorer").explorer.figure("map").map !== undefined);
    const dot = async () => chart.locator("circle.here-dot").evaluate((one) => {
      const { plot } = document.querySelector(".explorer").explorer.figure("map");
      return [plot.area.px(plot.here[0]) - Number(one.getAttribute("cx")), plot.area.py(plot.here[1]) - Number(one.getAttribute("cy")), ...plot.here];
    });
    const [x, y, w, b] = await dot();
    assert.ok(Math.abs(x) < 0.1 && Math.abs(y) < 0.1);
    assert.deepEqual([w, b], [2, -1]);
    const place = await page.evaluate(() => {
      const { plot } = document.querySelector(".explorer").explorer.figure("map");
      plot.root.scrollIntoView({ block: "center", behavior: "instant" });
      const box = plot.svg.getBoundingClientRect();
      return [box.left + plot.area.px(-3), box.top + plot.area.py(4)];
    });
    await explorer.after(() => page.mouse.click(...place));
    const { settings } = await explorer.view();
    assert.deepEqual([settings.weight_scale, settings.bias_scale], [-3, 4]);
    assert.deepEqual((await dot()).slice(2), [-3, 4]);
    // The map holds the ratio of the view.
    const { map, ratio } = await page.evaluate(() => {
      const { explorer } = document.querySelector(".explorer");
      const { weights, biases, ratio } = explorer.figure("map").map;
      return { map: ratio[weights.indexOf(-3)][biases.indexOf(4)], ratio: explorer.view.layers[explorer.view.layer].ratio };
    });
    assertClose(map, ratio, "the ratio");
    assertClose(ratio, direct(["w=-3&b=4"])[0].reach.at(-1)[0] / direct(["w=-3&b=4"])[0].reach.at(-1).at(-1), "and that of the crates");
  }, own));
