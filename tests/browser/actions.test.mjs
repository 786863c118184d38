// Presets, A beside now, training, another draw, and the pointer over the charts.

import assert from "node:assert/strict";
import test from "node:test";

import { assertView, direct } from "./lib/direct.mjs";
import { studio } from "./lib/explorer.mjs";
import { assertReads } from "./lib/numbers.mjs";

const { visit } = await studio();

test("each preset shows what its address does, and says its lesson", () =>
  visit("", async (explorer) => {
    const presets = await explorer.page.locator("#explorer-presets").evaluate((one) => JSON.parse(one.textContent));
    assert.ok(presets.length >= 8);
    const expected = direct(presets.map(({ query }) => query));
    for (const [k, { title, lesson, query }] of presets.entries()) {
      await explorer.press(title);
      assertView(await explorer.view(), expected[k]);
      assert.equal(explorer.search, k === 0 ? explorer.search : `?${query}`);
      assert.deepEqual(await explorer.texts("[data-lesson]"), [lesson.replaceAll("_", "")]);
      assert.deepEqual(await explorer.texts("[data-preset][aria-pressed=true]"), [title]);
    }
    await explorer.set("b", "2");
    assert.deepEqual(await explorer.texts("[data-lesson], [data-preset][aria-pressed=true]"), [], "no preset any more");
  }));

test("A is held, dotted beneath, swapped and dropped", () =>
  visit("?v=1&c=lstm&t=20", async (explorer) => {
    const dotted = () =>
      explorer.page.evaluate(() => Object.fromEntries(["gradient", "hidden", "terms", "singular", "gates"].map((id) => [id, document.querySelectorAll(`[data-chart=${id}] path.held`).length])));
    const nothing = { gradient: 0, hidden: 0, terms: 0, singular: 0, gates: 0 };
    assert.deepEqual(await dotted(), nothing);
    await explorer.press("Hold as A");
    assert.equal(explorer.search, "?v=1&c=lstm&t=20&hold=v-1_c-lstm_t-20");
    await explorer.set("w", "2");
    const [a, now] = direct(["c=lstm&t=20", "c=lstm&t=20&w=2"]);
    const assertBoth = async (now, a) => {
      assertView(await explorer.view(), now);
      assertView(await explorer.held(), a);
      const facts = await explorer.facts();
      const loss = facts.find(([name]) => name === "Loss");
      assertReads(loss[1], now.loss, "the loss");
      assertReads(loss[2].replace("A: ", ""), a.loss, "the loss of A");
      assert.ok(facts.every(([, , held]) => held?.startsWith("A: ")), "every fact has that of A");
      const { gradient, hidden, terms, singular, gates } = await dotted();
      assert.ok(gradient === 1 && hidden === 2 && terms >= 1 && singular === 4 && gates === 4, "dotted lines");
      const legend = await explorer.legend("gradient");
      assertReads(legend["‖dL/dht‖"], now.layers[0].gradient[19], "legend");
      assertReads(legend["A: ‖dL/dht‖"], a.layers[0].gradient[19], "legend of A");
      assert.deepEqual((await explorer.texts("[data-chart=reach] h4")), ["A", "now"], "two matrices");
    };
    await assertBoth(now, a);
    await explorer.press("Swap");
    assert.equal(explorer.search, "?v=1&c=lstm&t=20&hold=v-1_c-lstm_w-2_t-20");
    await assertBoth(a, now);
    await explorer.press("Swap");
    await assertBoth(now, a);
    await explorer.press("Drop A");
    assert.equal(explorer.search, "?v=1&c=lstm&w=2&t=20");
    assert.equal(await explorer.held(), null);
    assert.deepEqual(await dotted(), nothing);
    assert.ok((await explorer.facts()).every(([, , held]) => held === null));
    assert.ok(await explorer.page.getByRole("button", { name: "Drop A" }).isDisabled());
  }));

test("A of another length is compared too", () =>
  visit("?v=1&t=5", async (explorer) => {
    await explorer.press("Hold as A");
    await explorer.set("t", "60");
    assert.equal((await explorer.held()).settings.time, 5);
    const legend = await explorer.legend("gradient");
    assert.equal(legend["A: ‖dL/dht‖"], "", "A has no timestep 60");
  }));

test("training by 1, 50 and 500 steps, and back", () =>
  visit("", async (explorer) => {
    const [one, more, most] = direct(["k=1", "k=51", "k=551"]);
    const plotted = () => explorer.page.locator("[data-chart=training]").isVisible();
    assert.equal(await plotted(), false);
    for (const [name, expected, text] of [["Train 1 step", one, "1 step of training"], ["Train 50", more, "51 steps of training"], ["Train 500", most, "551 steps of training"]]) {
      await explorer.press(name);
      assertView(await explorer.view(), expected);
      assert.ok((await explorer.texts("[data-trained]"))[0].startsWith(text));
      assert.ok(await plotted());
    }
    for (let k = 0; k < 3; k += 1) await explorer.press("Train 500");
    assert.equal((await explorer.view()).settings.trained, 2000, "no more than there may be");
    assert.ok(await explorer.page.getByRole("button", { name: "Train 50", exact: true }).isDisabled());
    await explorer.press("Back to untrained");
    assertView(await explorer.view(), direct([""])[0]);
    assert.equal(await plotted(), false);
    assert.ok(await explorer.page.getByRole("button", { name: "Back to untrained" }).isDisabled());
  }));

test("a new draw is another seed, in the box and in the address", () =>
  visit("", async (explorer) => {
    const seeds = new Set([0]);
    for (let k = 0; k < 3; k += 1) {
      await explorer.press("New draw");
      const { settings } = await explorer.view();
      seeds.add(settings.seed);
      assert.equal(await explorer.control("s").inputValue(), String(settings.seed));
      assert.equal(explorer.search, `?v=1&s=${settings.seed}`);
    }
    assert.equal(seeds.size, 4);
  }));

test("the pickers of layer and timestep", () =>
  visit("?v=1&l=3&t=12&o=all", async (explorer) => {
    const expected = direct(["l=3&t=12&o=all&y=1", "l=3&t=12&o=all&y=1&j=5"]);
    assert.deepEqual(await explorer.control("y").locator("option").allTextContents(), ["topmost", "1", "2", "3"]);
    await explorer.set("y", "1");
    assertView(await explorer.view(), expected[0]);
    await explorer.set("j", "5");
    assertView(await explorer.view(), expected[1]);
    assert.deepEqual(await explorer.texts("[data-marked]"), ["5"]);
    await explorer.set("l", "1");
    assert.equal(await explorer.control("y").isVisible(), false, "one layer leaves no choice");
  }));

test("only the controls that mean something are there", () =>
  visit("", async (explorer) => {
    const there = async () => Promise.all(["a", "g", "f", "y"].map((key) => explorer.control(key).isVisible()));
    assert.deepEqual(await there(), [true, false, false, false]);
    await explorer.set("c", "lstm");
    assert.deepEqual(await there(), [false, false, true, false]);
    await explorer.set("i", "critical");
    await explorer.set("l", "2");
    await explorer.set("c", "gru");
    assert.deepEqual(await there(), [false, true, true, true]);
  }));

/** A place in a chart, in the middle of timestep t. */
const place = (explorer, chart, t) =>
  explorer.page.locator(`[data-chart=${chart}] .plot`).filter({ visible: true }).first().evaluate((plot, t) => {
    plot.scrollIntoView({ block: "center", behavior: "instant" });
    const box = plot.querySelector("svg").getBoundingClientRect();
    const [left, , , right] = plot.querySelector("path.axis[fill=none]").getAttribute("d").match(/[\d.]+/g).map(Number);
    const { time } = document.querySelector(".explorer").explorer.view.settings;
    return { x: box.left + left + ((t - 0.5) / time) * (right - left), y: box.top + box.height / 2 };
  }, t);

for (const chart of ["gradient", "hidden", "reach", "terms", "gates"]) {
  test(`the pointer over “${chart}” marks a timestep in all charts, and a click chooses it`, () =>
    visit("?v=1&c=lstm&t=20&l=2&o=all", async (explorer) => {
      const { page } = explorer;
      const marked = async (t) => {
        const marks = await explorer.marks();
        assert.deepEqual([...new Set(marks.map(({ chart }) => chart))], ["gradient", "hidden", "saturation", "reach", "terms", "gates"]);
        assert.equal(marks.length, 9);
        for (const mark of marks) assert.ok(Math.abs(mark.t - t) < 0.1, `${mark.chart} marks ${mark.t}, not ${t}`);
        assert.deepEqual(await explorer.texts("[data-marked]"), [String(t)]);
      };
      const { layers, terms, spectrum } = await explorer.view();
      const before = await explorer.legend("gradient");
      await marked(20);

      const { x, y } = await place(explorer, chart, 7);
      await page.mouse.move(x, y);
      await marked(7);
      const [gradient, parts] = [await explorer.legend("gradient"), await explorer.legend("terms")];
      layers.forEach((layer, k) => assertReads(gradient[`‖dL/dht‖ of layer ${k + 1}`], layer.gradient[6], "legend"));
      assertReads(parts["‖Gt‖ of Whh"], terms.find(({ name }) => name.startsWith("weight_hh")).norm[6], "legend");
      // There is not time enough for all Jacobians.
      const near = spectrum.jacobians.map(({ timestep }) => timestep).reduce((best, t) => (Math.abs(t - 7) < Math.abs(best - 7) ? t : best));
      assert.ok(Math.abs(near - 7) <= 1);
      assert.ok((await explorer.texts("[data-chart=spectrum] .legend li")).includes(`step Jacobian at t = ${near}`));

      await page.mouse.move(2, 2);
      await marked(20);
      assert.deepEqual(await explorer.legend("gradient"), before, "as it was");

      const again = await place(explorer, chart, 11);
      await explorer.after(() => page.mouse.click(again.x, again.y));
      await page.mouse.move(2, 2);
      await marked(11);
      assert.equal((await explorer.view()).settings.timestep, 11);
      assert.match(explorer.search, /&j=11$/);
    }));
}
