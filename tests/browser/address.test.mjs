// The address holds everything: it can be kept, sent, gone back to, and be wrong.

import assert from "node:assert/strict";
import test from "node:test";

import { studio } from "./lib/explorer.mjs";
import { randomFrom } from "./lib/random.mjs";

const { visit } = await studio();

const cells = ["rnn", "lstm", "gru"];
const phis = ["identity", "tanh", "relu", "sigmoid"];
const inits = ["default", "gaussian", "orthogonal", "identity", "critical", "nonnormal"];
const tasks = ["average", "adding", "copy", "order", "recall", "flipflop", "sines"];
const defaults = { c: "rnn", a: "tanh", w: "1", b: "1", n: "16", t: "10", l: "1", i: "default", g: "1", f: "", o: "last", task: "average", s: "0", k: "0", y: "0", j: "0", m: "1", q: "1", r: "0", z: "", p: "adam", e: "0.005", x: "" };

/** A state: every key as text, in the order of the address. */
function state(random) {
  const task = random.one(tasks);
  const t = random.whole(task === "copy" ? 21 : 10, 40);
  const l = random.whole(1, 3);
  const some = { c: random.one(cells), a: random.one(phis), w: random.between(-5, 5, random.whole(0, 3)), b: random.between(-5, 5, random.whole(0, 3)), n: random.whole(1, 20), t, l };
  const more = { i: random.one(inits), g: random.between(0.1, 3, 2), f: random.chance(0.5) ? "" : random.between(-5, 5, 1), o: random.one(["all", "last"]), task };
  const rest = { s: random.whole(0, 2 ** 32 - 1), k: random.chance(0.3) ? random.whole(1, 3) : 0, y: random.whole(0, l), j: random.chance(0.5) ? 0 : random.whole(1, t) };
  const training = { q: random.one(["1", "off", "0.5", "10"]), r: random.chance(0.5) ? 0 : random.whole(1, 9), z: some.c === "lstm" && random.chance(0.5) ? "f1" : "", p: random.one(["adam", "sgd"]), e: random.one(["0.005", "0.01", "0.1"]), x: "" };
  return Object.fromEntries(Object.entries({ ...some, ...more, ...rest, m: random.chance(0.8) ? 1 : 32, ...training }).map(([key, value]) => [key, String(value === 0 ? 0 : value)]));
}

const written = (state) => ["v=1", ...Object.entries(state).filter(([key, value]) => value !== defaults[key]).map(([key, value]) => `${key}=${value}`)].join("&");

const folded = (query) => query.replaceAll("=", "-").replaceAll("&", "_");

/** What the controls say, as a state; the boxes, where there are some, beside the sliders. */
const controls = (explorer) =>
  explorer.page.evaluate(() => Object.fromEntries([...document.querySelector(".explorer").explorer.controls.elements.keys()].map((key) => [key, document.querySelector(".explorer").explorer.controls.get(key)])));

test("fifty states survive being written, read, and loaded again", () =>
  visit("", async (explorer) => {
    const random = randomFrom(2024);
    for (let round = 0; round < 50; round += 1) {
      const now = state(random);
      const a = random.chance(0.35) ? state(random) : null;
      const query = written(now);
      const address = `?${query}${a ? `&hold=${folded(written(a))}` : ""}`;
      await explorer.goto(address);
      assert.equal(await explorer.notice(), "", address);
      assert.equal(explorer.search, address);
      assert.deepEqual(await controls(explorer), now, address);
      const [view, held] = [await explorer.view(), await explorer.held()];
      assert.equal(view.query, query);
      assert.equal(held?.query ?? null, a && written(a));
      assert.equal(String(view.settings.weight_scale), now.w);
      assert.equal(view.settings.forget_bias === null ? "" : String(view.settings.forget_bias), now.f);
      if (round % 5 > 0) continue;
      await explorer.reload();
      assert.equal(explorer.search, address);
      assert.deepEqual(await explorer.view(), view, "the same numbers");
      assert.deepEqual(await explorer.held(), held, "the same A");
      // Another control leaves all of it alone.
      const other = now.o === "all" ? "last" : "all";
      await explorer.set("o", other);
      assert.equal((await explorer.view()).query, written({ ...now, o: other }));
    }
  }));

test("an address with defaults in it becomes the short one", () =>
  visit("?w=1.50&c=rnn&n=16", async (explorer) => assert.equal(explorer.search, "?v=1&w=1.5")));

test("a key that nobody knows is ignored, with a notice that goes away", () =>
  visit("?v=1&w=2&colour=red&<b>=1", async (explorer) => {
    const notice = await explorer.notice();
    assert.match(notice, /“colour” is not a setting/);
    assert.match(notice, /“<b>” is not a setting/);
    assert.equal((await explorer.view()).settings.weight_scale, 2);
    assert.equal(explorer.search, "?v=1&w=2");
    await explorer.set("b", "2");
    assert.equal(await explorer.notice(), "");
  }));

const wrong = [
  ["?v=1&w=9", /w=9: the weight scale must be a number from -5 to 5/],
  ["?v=1&w=NaN", /w=NaN: the weight scale must be a number/],
  ["?v=1&c=perceptron", /c=perceptron: the cell must be one of rnn, lstm, gru/],
  ["?v=1&n=65", /n=65: the hidden size must be a whole number from 1 to 64/],
  ["?v=1&t=1.5", /t=1\.5: the number of timesteps must be a whole number/],
  ["?v=2&w=2", /v=2: this program reads version 1/],
  [`?v=1&x=${"y".repeat(2100)}`, /the query has \d+ bytes; at most 2048 are read/],
  ["?v=1&w=2&hold=v-1_w-77", /w=77: the weight scale must be/],
];
for (const [address, sentence] of wrong) {
  test(`${address.slice(0, 40)} gives a sentence, and the page goes on`, () =>
    visit(
      address,
      async (explorer) => {
        assert.match(await explorer.notice(), sentence);
        await explorer.press("Vanishing");
        assert.equal(await explorer.notice(), "");
        const { settings } = await explorer.view();
        assert.equal(settings.gain, 0.8);
        await explorer.set("w", "1.5");
        assert.equal((await explorer.view()).settings.weight_scale, 1.5);
      },
      { refusals: true },
    ));
}

const apart = { own: true };
const steps = (explorer) => explorer.page.evaluate(() => history.length);
const back = (explorer) => explorer.after(() => explorer.page.evaluate(() => history.back()));
const forward = (explorer) => explorer.after(() => explorer.page.evaluate(() => history.forward()));

test("back and forward go from change to change", () =>
  visit("", async (explorer) => {
    const start = await steps(explorer);
    const addresses = [explorer.search];
    for (const act of [() => explorer.set("w", "2"), () => explorer.set("c", "gru"), () => explorer.press("Hold as A"), () => explorer.set("t", "30"), () => explorer.press("Critical")]) {
      await act();
      addresses.push(explorer.search);
    }
    assert.equal(new Set(addresses).size, 6);
    assert.equal(await steps(explorer), start + 5, "a step of the history for each change");
    const assertAt = async (k) => {
      assert.equal(explorer.search, addresses[k]);
      const [{ query }, held] = [await explorer.view(), await explorer.held()];
      assert.equal(addresses[k], `?${query}${held ? `&hold=${folded(held.query)}` : ""}`);
      const { w, c, t } = await controls(explorer);
      const pairs = new URLSearchParams(query);
      assert.deepEqual([w, c, t], [pairs.get("w") ?? "1", pairs.get("c") ?? "rnn", pairs.get("t") ?? "10"]);
    };
    for (let k = 4; k >= 0; k -= 1) {
      await back(explorer);
      await assertAt(k);
    }
    for (let k = 1; k <= 5; k += 1) {
      await forward(explorer);
      await assertAt(k);
    }
  }, apart));

test("a slider that is dragged is one step of the history, and back leads to where it was", () =>
  visit("?v=1&b=2", async (explorer) => {
    const { page } = explorer;
    const start = await steps(explorer);
    const box = await explorer.control("w").boundingBox();
    const at = (share) => [box.x + 8 + share * (box.width - 16), box.y + box.height / 2];
    await page.mouse.move(...at(0.6));
    await explorer.after(async () => {
      await page.mouse.down();
      for (let k = 1; k <= 20; k += 1) {
        await page.mouse.move(...at(0.6 + 0.015 * k));
        await page.waitForTimeout(15);
      }
      await page.mouse.up();
    });
    await page.waitForTimeout(100);
    assert.equal((await explorer.view()).settings.weight_scale, 4);
    assert.equal(explorer.search, "?v=1&w=4&b=2");
    assert.equal(await steps(explorer), start + 1);
    await back(explorer);
    assert.equal(explorer.search, "?v=1&b=2");
    assert.equal((await explorer.view()).settings.weight_scale, 1);
  }, apart));

test("keys that move a slider again and again are one step, too", () =>
  visit("", async (explorer) => {
    const start = await steps(explorer);
    await explorer.control("w").focus();
    for (let k = 0; k < 12; k += 1) await explorer.after(() => explorer.page.keyboard.press("ArrowLeft"));
    assert.equal((await explorer.view()).settings.weight_scale, 0.4);
    assert.equal(await steps(explorer), start + 1);
    await back(explorer);
    assert.equal((await explorer.view()).settings.weight_scale, 1);
  }, { ...apart, closed: true }));

test("“Copy link” gives the address, A included", () =>
  visit("?v=1&w=2&hold=v-1_c-gru", async (explorer) => {
    const link = await explorer.page.evaluate(async () => {
      let copied = null;
      Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => (copied = text) } });
      document.querySelector("[data-do=link]").click();
      await new Promise((done) => setTimeout(done, 50));
      return copied;
    });
    assert.equal(link, explorer.page.url());
    const said = await explorer.page.locator("[data-copied]").textContent();
    assert.equal(said, `The link is in the clipboard. It leads to this machine; elsewhere, put ${explorer.search} after the address of an explorer.`);
  }, { ...apart, closed: true }));
