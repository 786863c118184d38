// Every control changes what it should: the numbers are those of direct.rs, on the page as in the view.

import assert from "node:assert/strict";
import test from "node:test";

import { assertView, direct } from "./lib/direct.mjs";
import { studio } from "./lib/explorer.mjs";
import { assertReads } from "./lib/numbers.mjs";

const { visit } = await studio();

const arrows = (key, name, times) => async (explorer) => {
  await explorer.control(key).focus();
  for (let k = 0; k < times; k += 1) await explorer.after(() => explorer.page.keyboard.press(name));
};
const set = (key, value) => (explorer) => explorer.set(key, value);
const type = (key, value) => (explorer) => explorer.type(key, value);
const press = (name) => (explorer) => explorer.press(name);

// What is done by hand, and the query that means the same.
const cases = [
  ["the notebook’s settings", [], ""],
  ["weight scale, by the slider", [set("w", "-2.5")], "w=-2.5"],
  ["weight scale, by keys", [arrows("w", "ArrowRight", 3)], "w=1.15"],
  ["weight scale, typed, between the steps of the slider", [type("w", "1.234")], "w=1.234"],
  ["bias scale, by the slider", [set("b", "3")], "b=3"],
  ["bias scale, typed", [type("b", "-0.75"), set("o", "all")], "b=-0.75&o=all"],
  ["cell LSTM", [set("c", "lstm"), set("t", "30")], "c=lstm&t=30"],
  ["cell GRU", [set("c", "gru"), set("w", "1.5")], "c=gru&w=1.5"],
  ["nonlinearity identity", [set("a", "identity")], "a=identity"],
  ["nonlinearity relu", [set("a", "relu")], "a=relu"],
  ["nonlinearity sigmoid", [set("a", "sigmoid"), set("w", "4")], "a=sigmoid&w=4"],
  ["hidden units, by keys", [arrows("n", "ArrowLeft", 4)], "n=12"],
  ["hidden units, typed", [type("n", "5")], "n=5"],
  ["one hidden unit", [set("n", "1")], "n=1"],
  ["timesteps", [set("t", "80")], "t=80"],
  ["layers", [set("l", "3"), set("o", "all")], "l=3&o=all"],
  ["layer shown", [set("l", "2"), set("c", "lstm"), set("y", "1")], "l=2&c=lstm&y=1"],
  ["init Gaussian", [set("i", "gaussian"), set("g", "1.5")], "i=gaussian&g=1.5"],
  ["init orthogonal", [set("i", "orthogonal"), type("g", "0.9")], "i=orthogonal&g=0.9"],
  ["init identity", [set("i", "identity"), set("a", "relu")], "i=identity&a=relu"],
  ["init critical", [set("i", "critical"), set("g", "1.2"), set("c", "gru")], "i=critical&g=1.2&c=gru"],
  ["init non-normal", [set("i", "nonnormal"), set("g", "0.7"), set("a", "identity")], "i=nonnormal&g=0.7&a=identity"],
  ["forget-gate bias", [set("c", "lstm"), type("f", "3")], "c=lstm&f=3"],
  ["loss at all timesteps", [set("o", "all")], "o=all"],
  ["task adding", [set("task", "adding"), set("t", "25")], "task=adding&t=25"],
  ["task copy memory, which needs more timesteps", [set("task", "copy")], "task=copy&t=21"],
  ["task temporal order", [set("task", "order")], "task=order"],
  ["task delayed recall", [set("task", "recall"), set("o", "all")], "task=recall&o=all"],
  ["task flip-flop", [set("task", "flipflop"), set("o", "all")], "task=flipflop&o=all"],
  ["task sine mixture", [set("task", "sines"), set("c", "gru")], "task=sines&c=gru"],
  ["seed", [type("s", "4711")], "s=4711"],
  ["training, then scales", [press("Train 50"), set("w", "1.5"), set("b", "0.5")], "k=50&w=1.5&b=0.5"],
  ["timestep", [set("j", "4")], "j=4"],
  ["overflow", [set("a", "identity"), set("t", "200"), set("n", "64"), set("i", "gaussian"), set("g", "3"), set("w", "5"), set("l", "3")], "a=identity&t=200&n=64&i=gaussian&g=3&w=5&l=3"],
];

const expected = direct(cases.map(([, , query]) => query));

cases.forEach(([what, acts, query], at) => {
  test(what, () =>
    visit("", async (explorer) => {
      for (const act of acts) await act(explorer);
      const view = await explorer.view();
      assertView(view, expected[at]);
      const given = new URLSearchParams(`v=1&${query}`);
      given.sort();
      const written = new URLSearchParams(explorer.search);
      written.sort();
      assert.equal(String(written), String(given), "the address says the same");
      assert.equal(`?${view.query}`, explorer.search);
      await assertTexts(explorer, expected[at]);
    }));
});

test("what is looked at, and how it is trained, is set and said by the address", () =>
  visit("?v=1&c=lstm&t=20", async (explorer) => {
    for (const [key, value] of [["m", "32"], ["q", "off"], ["q", "10"], ["r", "5"], ["p", "sgd"], ["e", "0.1"], ["z", "f1"]]) {
      const before = await explorer.control(key).inputValue();
      await explorer.set(key, value);
      assert.equal(await explorer.notice(), "");
      assert.equal(new URLSearchParams(explorer.search).get(key), value);
      assert.equal(await explorer.control(key).inputValue(), value);
      await explorer.set(key, before);
    }
    assert.equal(explorer.search, "?v=1&c=lstm&t=20");
  }));

test("a value of an address that no list has is kept", () =>
  visit("?v=1&q=2.5&e=0.03&r=7", async (explorer) => {
    assert.deepEqual(await Promise.all(["q", "e", "r"].map((key) => explorer.control(key).inputValue())), ["2.5", "0.03", "7"]);
    await explorer.set("w", "2");
    assert.equal(explorer.search, "?v=1&w=2&q=2.5&r=7&e=0.03");
  }));

test("each cell has the controls that do something to it, and every one is drawn", () =>
  visit("", async (explorer) => {
    const cells = await explorer.control("c").locator("option").evaluateAll((all) => all.map((one) => one.value));
    assert.equal(cells.length, 15);
    for (const cell of cells) {
      await explorer.set("c", cell);
      const view = await explorer.view();
      assert.equal(view.settings.cell, cell);
      const there = await Promise.all(["a", "f", "i", "z"].map((key) => explorer.control(key).isVisible()));
      const phi = ["rnn", "leaky", "indrnn", "residual", "antisymmetric"].includes(cell);
      const keeps = ["lstm", "gru", "peephole", "coupled", "minimal", "mingru", "minlstm", "slstm", "reset-before"].includes(cell);
      assert.deepEqual(there.slice(0, 3), [phi, keeps, !["mingru", "minlstm"].includes(cell)], cell);
      assert.ok((await explorer.page.locator("[data-chart=gradient] path.line").first().getAttribute("d")).length > 10, cell);
    }
  }));

/** The facts, the legends and the table. */
async function assertTexts(explorer, numbers) {
  const { settings, layers, loss } = numbers;
  const { hidden, gradient } = layers[(settings.layer || settings.layers) - 1];
  const [first, last] = [gradient[0], gradient.at(-1)];
  const [marked, end] = [(settings.timestep || settings.time) - 1, settings.time - 1];
  // Of the loss at the last timestep alone.
  const lossOf = settings.loss === "all" ? "dLT" : "dL";
  const row = numbers.reach?.at(-1) ?? [null, null];
  const rate = row[0] > 0 && row.at(-1) > 0 ? Math.exp((Math.log(row[0]) - Math.log(row.at(-1))) / end) : null;
  const wanted = {
    Loss: loss,
    "‖hT‖": hidden[end],
    "‖dL/dh1‖": first,
    "‖dL/dhT‖": last,
    [`‖${lossOf}/dh1‖ over ‖${lossOf}/dhT‖`]: row[0] === null || !row.at(-1) ? null : row[0] / row.at(-1),
    "Mean factor per step back": rate,
  };
  const facts = Object.fromEntries(await explorer.facts());
  for (const [name, value] of Object.entries(wanted)) assertReads(facts[name], value, name);

  const of = (k) => (layers.length === 1 ? "" : ` of layer ${k + 1}`);
  const [gradients, states] = [await explorer.legend("gradient"), await explorer.legend("hidden")];
  for (const [k, layer] of layers.entries()) {
    const check = (text, value, what) => (value === null ? assert.equal(text, "", what) : assertReads(text, value, what));
    check(gradients[`‖dL/dht‖${of(k)}`], layer.gradient[marked], "gradient in the legend");
    check(states[`‖ht‖${of(k)}`], layer.hidden[marked], "state in the legend");
  }
  const shown = settings.timestep || settings.time;
  assert.deepEqual(await explorer.texts("[data-marked]"), [String(shown)]);
  for (const { chart, t } of await explorer.marks()) assert.ok(Math.abs(t - shown) < 0.3 || chart === "reach" && !numbers.reach, `${chart} marks ${t}`);

  await explorer.page.locator("details.table summary").click();
  await explorer.page.locator("[data-table] td").first().waitFor();
  const rows = await explorer.page.locator("[data-table] tr").evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
  const [head, ...body] = rows;
  assert.equal(body.length, settings.time);
  layers.forEach((layer, k) => {
    const suffix = layers.length === 1 ? "" : `, layer ${k + 1}`;
    for (const [name, values] of [[`‖dL/dht‖${suffix}`, layer.gradient], [`‖ht‖${suffix}`, layer.hidden]]) {
      const column = head.indexOf(name);
      assert.ok(column > 0, `no column ${name}`);
      values.forEach((value, t) => assertReads(body[t][column], value, `${name} at ${t + 1}`));
    }
  });
  for (const [name, values] of [["‖Gt‖ of weight_hh", numbers.terms?.find((term) => term.name.startsWith("weight_hh")).norm ?? []]]) {
    const column = head.findIndex((text) => text.startsWith(name));
    values.forEach((value, t) => assertReads(body[t][column], value, `${name} at ${t + 1}`));
  }
}
