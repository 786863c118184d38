// What the reader takes along: tables, programs, pictures.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { isDeepStrictEqual } from "node:util";

import { studio } from "./lib/explorer.mjs";
import { readCsv, readPng } from "./lib/files.mjs";

const { visit } = await studio();
const KEEP = process.env.KEEP; // a folder for a look at the pictures

/** What a click saves: { name, bytes }. */
async function saved(explorer, button) {
  // Browsers drop what is more than ten files in a second.
  await explorer.page.waitForTimeout(120);
  const download = explorer.page.waitForEvent("download", { timeout: 8000 }).catch((error) => {
    explorer.assertQuiet();
    throw error;
  });
  await button.click();
  return keep(await download);
}

async function keep(download) {
  if (KEEP) await download.saveAs(`${KEEP}/${download.suggestedFilename()}`);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** Equal, without thousands of numbers in the message if not. */
const assertSame = (actual, expected, what) => assert.ok(isDeepStrictEqual(actual, expected), `${what}: ${JSON.stringify(actual)?.slice(0, 200)} …, not ${JSON.stringify(expected)?.slice(0, 200)} …`);

const button = (explorer, name) => explorer.page.getByRole("button", { name, exact: true });

const addresses = ["?v=1&c=lstm&l=2&t=12&k=3&task=sines", "?v=1&w=2", "?v=1&a=identity&n=64&t=200&w=5&l=3&i=gaussian&g=3"];
for (const address of addresses) {
  test(`the CSV of ${address} has the numbers of the view`, () =>
    visit(address, async (explorer) => {
      const { name, bytes } = await saved(explorer, button(explorer, "CSV"));
      assert.equal(name, `explorer-${(await explorer.view()).query.slice(4).replaceAll(/[=&]/g, "-")}.csv`, "named by the settings");
      const text = bytes.toString("utf8");
      assert.ok(text.startsWith("\ufeff"), "a mark for spreadsheets");
      const rows = readCsv(text.slice(1));
      const view = await explorer.view();
      const { time } = view.settings;
      const numbers = (cells) => cells.map((cell) => (cell === "" ? null : Number(cell)));

      const [head, ...body] = rows;
      assert.equal(body.length, time);
      assert.ok(body.every(([run, settings]) => run === "now" && settings === view.query), "every row says what it is of");
      assert.ok(body.every((row) => row.length === head.length));
      const column = (name) => {
        assert.ok(head.includes(name), `no column ${name}`);
        return numbers(body.map((row) => row[head.indexOf(name)]));
      };
      assertSame(column("t"), Array.from({ length: time }, (_, k) => k + 1), "t");
      view.layers.forEach(({ hidden, gradient, saturated, cell }, k) => {
        const of = view.layers.length === 1 ? "" : `, layer ${k + 1}`;
        assertSame(column(`‖h_t‖${of}`), hidden, `‖h_t‖${of}`);
        assertSame(column(`‖dL/dh_t‖${of}`), gradient, `‖dL/dh_t‖${of}`);
        assertSame(column(`saturated share${of}`), saturated, `saturated share${of}`);
        if (cell) assertSame(column(`‖c_t‖${of}`), cell, `‖c_t‖${of}`);
      });
      for (const { name, norm, along } of view.terms) {
        assertSame(column(`‖G_t‖ of ${name}`), norm, `‖G_t‖ of ${name}`);
        assertSame(column(`part along the sum of ${name}`), along, `part along the sum of ${name}`);
      }
      for (const { name, mean, least, most } of view.gates) {
        assertSame(
          ["mean", "least", "greatest"].map((what) => column(`gate ${name}, ${what}`)),
          [mean, least, most],
          `gate ${name}`,
        );
      }
      if (view.overflow === null) assertSame(column("‖dL_T/dh_t‖"), view.reach.norms.at(-1), "‖dL_T/dh_t‖");
    }));
}

test("A stands below now in the CSV, in the same columns", () =>
  visit("?v=1&t=12&hold=v-1_c-lstm_t-9", async (explorer) => {
    const rows = readCsv((await saved(explorer, button(explorer, "CSV"))).bytes.toString("utf8").slice(1));
    const [view, held] = [await explorer.view(), await explorer.held()];
    assert.equal(rows.length, 1 + 12 + 9);
    assert.ok(rows.every((row) => row.length === rows[0].length));
    const at = (name) => rows[0].indexOf(name);
    const of = (run) => rows.filter(([of]) => of === run);
    assertSame(of("now").map((row) => Number(row[at("‖dL/dh_t‖")])), view.layers[0].gradient, "now");
    assertSame(of("A").map((row) => Number(row[at("‖c_t‖")])), held.layers[0].cell, "A");
    assert.ok(of("now").every((row) => row[at("‖c_t‖")] === ""), "an RNN has no cell state");
  }));

const matrices = (view) => [...view.spectrum.weights, ...view.spectrum.jacobians];
const perChart = [
  ["reach", (view) => view.reach.norms.map((row, t) => [t + 1, ...row])],
  ["spectrum", (view) => matrices(view).flatMap(({ eigenvalues }) => eigenvalues.map(([re, im], k) => [k + 1, re, im, Math.hypot(re, im)]))],
  ["singular", (view) => matrices(view).flatMap(({ singular_values }) => singular_values.map((value, k) => [k + 1, value]))],
  ["training", (view) => view.training.losses.map((loss, k) => [k + 1, loss, view.baseline])],
];
test("the CSV of a chart has its numbers, and its table has the same", () =>
  visit("?v=1&c=lstm&t=12&k=3&o=all", async (explorer) => {
    const view = await explorer.view();
    for (const [id, of] of perChart) {
      const chart = explorer.page.locator(`[data-chart=${id}]`);
      const { name, bytes } = await saved(explorer, chart.locator("[data-save=csv]"));
      assert.equal(name, `${id}-c-lstm-t-12-o-all-k-3.csv`);
      const rows = readCsv(bytes.toString("utf8").slice(1)).slice(1);
      const numbers = rows.map((row) => row.slice(2).filter((cell) => cell !== "" && Number.isFinite(Number(cell))).map(Number));
      assertSame(numbers, of(view), id);
      await chart.getByRole("button", { name: /^Table of/ }).click();
      assert.equal(await chart.locator("tbody tr").count(), rows.length);
      await chart.getByRole("button", { name: /^Table of/ }).click();
    }
  }));

test("the JSON is the view, and A if there is one", () =>
  visit("?v=1&c=gru&t=15", async (explorer) => {
    const read = async () => JSON.parse((await saved(explorer, button(explorer, "JSON"))).bytes.toString("utf8"));
    assert.deepEqual(await read(), await explorer.view());
    await explorer.press("Hold as A");
    await explorer.set("w", "2");
    assert.deepEqual(await read(), { now: await explorer.view(), a: await explorer.held() });
  }));

test("the Rust program is the one of the view", () =>
  visit("?v=1&c=gru&k=2&task=copy&t=30", async (explorer) => {
    const { name, bytes } = await saved(explorer, button(explorer, "Rust program"));
    const { snippet } = await explorer.view();
    assert.deepEqual([name, bytes.toString("utf8")], ["main.rs", snippet]);
    assert.match(snippet, /^use rnn_analysis/m);
    assert.match(snippet, /fn main\(\)/);
  }));

const CHARTS = ["gradient", "sequence", "hidden", "saturation", "reach", "lag", "terms", "spectrum", "singular", "gates", "training"];

for (const [colorScheme, charts] of [["light", CHARTS], ["dark", ["reach", "spectrum"]]]) {
  test(`the SVG and the PNG of ${charts.length} charts stand on their own, ${colorScheme}`, () =>
    visit("?v=1&c=lstm&l=2&t=20&k=5&o=all&hold=v-1_c-lstm_t-20", async (explorer) => {
      for (const id of charts) {
        const chart = explorer.page.locator(`[data-chart=${id}]`);
        const svg = await saved(explorer, chart.locator("[data-save=svg]"));
        assert.match(svg.name, new RegExp(`^${id}-c-lstm.*\\.svg$`));
        const text = svg.bytes.toString("utf8");
        const seen = await explorer.page.evaluate((text) => {
          const xml = new DOMParser().parseFromString(text, "image/svg+xml");
          const { width, height } = xml.documentElement.attributes;
          const links = [...xml.querySelectorAll("*")].flatMap((one) => ["href", "xlink:href", "src"].map((name) => one.getAttribute(name)).filter(Boolean));
          return { error: xml.querySelector("parsererror")?.textContent ?? null, root: xml.documentElement.localName, width: Number(width.value), height: Number(height.value), links, words: [...xml.querySelectorAll("text")].map((one) => one.textContent).join(" "), marks: xml.querySelectorAll("path, circle").length, plain: [...xml.querySelectorAll("path, circle, text")].filter((one) => !/(^|;)fill:/.test(one.getAttribute("style") ?? "")).length, scale: xml.querySelectorAll("stop").length, lowered: xml.querySelector("text").querySelectorAll("tspan[font-size]").length };
        }, text);
        assert.equal(seen.error, null, id);
        assert.equal(seen.root, "svg");
        assert.doesNotMatch(text, /var\(|currentColor|<script|@import|<style/);
        assert.ok(seen.links.every((link) => link.startsWith("data:image/png;base64,")), `${id} refers to ${seen.links}`);
        assert.ok([...text.matchAll(/url\(([^)]*)\)/g)].every(([, to]) => /^(&quot;|")?#/.test(to)), `${id} refers elsewhere`);
        assert.doesNotMatch(text.replaceAll(/xmlns(:\w+)?="[^"]*"/g, ""), /https?:/);
        assert.ok(seen.words.includes((await chart.locator("h3").textContent()).slice(0, 8)), `${id} has its title`);
        assert.ok(seen.words.includes("Settings: v=1&c=lstm"), `${id} says its settings`);
        const sentence = (await chart.locator("figcaption").textContent()).slice(0, 30);
        assert.ok(seen.words.includes(sentence), `${id} has its sentence`);
        assert.equal(seen.plain, 0, `${id} has what would be black elsewhere`);
        assert.ok(seen.marks > 5, `${id} has its lines`);
        assert.equal(seen.links.length, id === "reach" ? 2 : 0);
        if (id === "reach") assert.ok(seen.scale >= 8, "a scale of colours");
        assert.equal(seen.lowered, await chart.locator("h3 sub").count(), "indices of the title");

        const png = await saved(explorer, chart.locator("[data-save=png]"));
        assert.match(png.name, new RegExp(`^${id}-c-lstm.*\\.png$`));
        const { width, height, colours } = readPng(png.bytes);
        assert.deepEqual([width, height], [2 * seen.width, 2 * seen.height], id);
        assert.ok(colours > 20, `${id} has ${colours} colours`);
      }
    }, { colorScheme }));
}
