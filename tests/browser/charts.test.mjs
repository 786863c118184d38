// What charts must not hide: single points, zeros, rounding, ranges of one number, and what a pointer shows.

import assert from "node:assert/strict";
import test from "node:test";

import { studio } from "./lib/explorer.mjs";

const { visit } = await studio();

test("a gradient at one timestep alone is a dot, and zeros lie on the floor", () =>
  visit("?v=1&w=0", async (explorer) => {
    const view = await explorer.view();
    const { gradient } = view.layers[0];
    const [zeros, others] = [gradient.filter((value) => value === 0).length, gradient.filter((value) => value > 0).length];
    assert.deepEqual([zeros, others], [9, 1]);
    const chart = explorer.page.locator("[data-chart=gradient] svg[role=img]");
    assert.ok(await chart.locator("circle.alone").count() >= 1);
    const triangles = await chart.locator("path.nought").first().getAttribute("d");
    assert.equal(triangles.match(/M/g).length, 9);
  }));

const overlaps = (explorer) =>
  explorer.page.evaluate(() => {
    const meet = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
    return [...document.querySelectorAll("figure.chart svg[role=img]")].filter((svg) => svg.checkVisibility()).flatMap((svg) => {
      const texts = [...svg.querySelectorAll("text")].map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
      return texts.flatMap((one, k) => texts.slice(k + 1).filter((other) => meet(one.box, other.box)).map((other) => `${svg.closest("figure").dataset.chart}: “${one.text}” on “${other.text}”`));
    });
  });
for (const [width, address] of [[1440, "?v=1&a=identity&w=5&t=200"], [1440, "?v=1&c=lstm&n=8&t=200&l=3&k=3"], [320, "?v=1&a=identity&w=5&t=200"], [375, "?v=1&c=gru&w=0.01&b=5&t=100&o=all"]]) {
  test(`no label lies on another, ${width} pixels, ${address}`, () => visit(address, async (explorer) => assert.deepEqual(await overlaps(explorer), []), { width, own: true }));
}

test("singular values that are only rounding are left out, and the rank is said", () =>
  visit("?v=1&a=relu&w=3&t=40", async (explorer) => {
    const view = await explorer.view();
    const { singular_values: values, timestep } = view.spectrum.jacobians.find((one) => one.timestep === 40);
    const rank = values.filter((value) => value > values.length * Number.EPSILON * values[0]).length;
    assert.ok(rank < 16);
    assert.ok((await explorer.texts("[data-chart=singular] .legend li")).includes(`step Jacobian at t = ${timestep}, rank ${rank} of 16`));
  }));

test("one number is one colour, and one line within the chart", () =>
  visit("?v=1&t=60&a=identity&b=0&i=orthogonal", async (explorer) => {
    const legend = await explorer.texts("[data-chart=reach] .legend li");
    assert.equal(legend.length, 2);
    assert.doesNotMatch(legend[0], /…|≤/);
    const { line, frame } = await explorer.page.evaluate(() => ({ line: document.querySelector("[data-chart=singular] path.line").getBoundingClientRect(), frame: document.querySelector("[data-chart=singular] path.axis[fill=none]").getBoundingClientRect() }));
    assert.ok(line.bottom < frame.bottom - 10 && line.top > frame.top + 10, "not on the edge");
  }));

test("a loss at the last timestep is a strip, not an empty square", () =>
  visit("?v=1&t=60", async (explorer) => {
    const canvas = await explorer.page.locator("[data-chart=reach] canvas").last().evaluate((one) => [one.width, one.height, one.getBoundingClientRect().height]);
    assert.deepEqual(canvas.slice(0, 2), [60, 1]);
    assert.ok(canvas[2] > 30, `${canvas[2]} pixels high`);
  }));

test("colours that end before the numbers do say so", () =>
  visit("?v=1&a=identity&w=5&t=200", async (explorer) => {
    const { reach } = await explorer.view();
    const all = reach.norms.flat().filter((norm) => norm > 0);
    const clipped = Math.min(...all) < 1e-12 * Math.max(...all);
    assert.equal((await explorer.texts("[data-chart=reach] .legend li"))[0].startsWith("≤"), clipped);
    assert.ok(clipped);
  }));

test("the sentence below the eigenvalues is about the Jacobian that is drawn", () =>
  visit("?v=1&n=32&t=60", async (explorer) => {
    const chart = explorer.page.locator("[data-chart=gradient] .plot");
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    await explorer.page.mouse.move(box.x + 66 + 0.62 * (box.width - 76), box.y + box.height / 2);
    const legend = (await explorer.texts("[data-chart=spectrum] .legend li")).find((text) => text.startsWith("step Jacobian"));
    const t = /t = (\d+)/.exec(legend)[1];
    assert.notEqual(t, "60");
    const { spectrum } = await explorer.view();
    const jacobian = spectrum.jacobians.find(({ timestep }) => String(timestep) === t);
    const said = await explorer.page.locator("[data-chart=spectrum] figcaption").textContent();
    assert.ok(said.startsWith(`At timestep ${t}, below the pointer`), said);
    assert.ok(said.includes(Math.hypot(...jacobian.eigenvalues[0]).toPrecision(3).slice(0, 4)), said);
    await explorer.page.mouse.move(2, 2);
    assert.doesNotMatch(await explorer.page.locator("[data-chart=spectrum] figcaption").textContent(), /below the pointer/);
  }));

test("two networks with gradients of different sizes can both be seen", () =>
  visit("?v=1&t=30&k=200&hold=v-1_t-30", async (explorer) => {
    const tall = await explorer.page.locator("[data-chart=terms] :is(path.held, path.bars)").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    assert.ok(tall.length >= 2 && tall.every((height) => height > 20), `${tall}`);
    assert.ok((await explorer.texts("[data-chart=terms] svg text")).some((text) => text.includes("part of its own")));
  }));

test("entries of one legend differ in colour or dash, and every matrix of A has its own", () =>
  visit("?v=1&c=lstm&l=3&hold=v-1_c-lstm_l-3_w-2", async (explorer) => {
    for (const chart of ["gradient", "hidden", "saturation", "terms", "singular", "spectrum"]) {
      const looks = await explorer.page.locator(`[data-chart=${chart}] .legend li`).evaluateAll((all) => all.map((one) => [one.querySelector("svg").innerHTML, one.querySelector("span").textContent.startsWith("A: ")]));
      const now = looks.filter(([, held]) => !held).map(([look]) => look);
      assert.equal(new Set(now).size, now.length, chart);
    }
    const names = (await explorer.texts("[data-chart=spectrum] .legend li")).filter((text) => text.startsWith("A: "));
    assert.equal(names.length, 4);
  }));

test("no number is broken between its digits and its power of ten", () =>
  visit("?v=1&a=identity&w=5&t=200", async (explorer) => {
    const broken = await explorer.page.evaluate(() => [...document.querySelectorAll(".explorer :is(p, figcaption, dd, li, td, small):not(.unseen)")].filter((one) => /\d [·×] 10[⁻⁰¹²³⁴-⁹]/.test(one.textContent)).map((one) => one.textContent));
    assert.deepEqual(broken, []);
    const raw = await explorer.page.evaluate(() => [...document.querySelectorAll(".explorer :is(p, figcaption, h2, h3, li, dt, text)")].filter((one) => one.checkVisibility() && !one.matches(".unseen") && /[hcGW]_(hh|ih|t|T|\d)/.test(one.textContent)).map((one) => one.textContent));
    assert.deepEqual(raw, [], "an index that is not lowered");
  }));

test("a chosen example keeps its label below the pointer, and in forced colours its mark", () =>
  visit("", async (explorer) => {
    const preset = explorer.page.getByRole("button", { name: "Vanishing" });
    await explorer.after(() => preset.click());
    await preset.hover();
    const colours = () => preset.evaluate((one) => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]);
    const [text, paper] = await colours();
    assert.notEqual(text, paper);
    const other = explorer.page.getByRole("button", { name: "Exploding" });
    const look = (one) => one.evaluate((one) => `${getComputedStyle(one).backgroundColor} ${getComputedStyle(one).borderWidth}`);
    await explorer.page.emulateMedia({ forcedColors: "active" });
    assert.notEqual(await look(preset), await look(other));
    const scale = explorer.page.locator("[data-chart=reach] .scale");
    assert.match(await scale.evaluate((one) => getComputedStyle(one).backgroundImage), /gradient/);
    await explorer.page.emulateMedia({ forcedColors: "none" });
  }));

test("every chart has a table", () =>
  visit("?v=1&c=lstm&l=2&t=12&k=3&o=all", async (explorer) => {
    const charts = explorer.page.locator("figure.chart").filter({ visible: true });
    for (let k = 0; k < (await charts.count()); k += 1) {
      const chart = charts.nth(k);
      const toggle = chart.getByRole("button", { name: /^Table of/ });
      await toggle.click();
      const { rows, cells, id } = await chart.evaluate((one) => ({ id: one.dataset.chart, rows: one.querySelectorAll(".scroll tbody tr").length, cells: [...one.querySelectorAll(".scroll td")].filter((cell) => /\d/.test(cell.textContent)).length }));
      if (id === "sequence" && !(await explorer.view()).sequence) continue;
      assert.ok(rows > 0 && cells >= rows, `${id}: ${rows} rows, ${cells} numbers`);
      assert.equal(await toggle.getAttribute("aria-expanded"), "true");
    }
  }, { own: true }));
