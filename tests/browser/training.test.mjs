// Training: it can be watched, stopped at any time, and gone back to.

import assert from "node:assert/strict";
import test from "node:test";

import { assertView, direct } from "./lib/direct.mjs";
import { studio } from "./lib/explorer.mjs";

const { visit } = await studio();
const own = { own: true, refusals: true, closed: true };

const state = (explorer) => explorer.page.evaluate(() => {
  const { explorer } = document.querySelector(".explorer");
  return { steps: explorer.view.training.losses.length, running: explorer.trainer.running, busy: explorer.latest.busy, paused: explorer.trainer.paused };
});
const button = (explorer, name) => explorer.page.getByRole("button", { name, exact: true });
const reach = (explorer, steps) => explorer.page.waitForFunction((steps) => document.querySelector(".explorer").explorer.view.training.losses.length >= steps, steps);

test("the loss curve grows while it trains, and eigenvalues and gradient move with it", () =>
  visit("", async (explorer) => {
    await explorer.page.evaluate(() => {
      window.parts = [];
      const { explorer } = document.querySelector(".explorer");
      const path = (chart) => document.querySelector(`[data-chart=${chart}] path.line`)?.getAttribute("d") ?? "";
      explorer.root.addEventListener("explorer:part", () => window.parts.push({ steps: explorer.view.training.losses.length, curve: path("training"), gradient: path("gradient"), eigenvalues: document.querySelector("[data-chart=spectrum] svg[role=img]").innerHTML }));
    });
    await explorer.press("Train 500");
    const parts = await explorer.page.evaluate(() => window.parts);
    assert.ok(parts.length >= 4, `${parts.length} parts`);
    const grown = parts.slice(1);
    for (const what of ["steps", "curve", "gradient", "eigenvalues"]) assert.equal(new Set(grown.map((part) => part[what])).size, grown.length, `each part has another ${what}`);
    assertView(await explorer.view(), direct(["k=500"])[0]);
    assert.equal(explorer.search, "?v=1&k=500");
  }, { ...own, closed: false }));

test("Play goes slowly, pauses, goes on, and Stop keeps what is reached", () =>
  visit("", async (explorer) => {
    await button(explorer, "Play").click();
    await reach(explorer, 10);
    await explorer.after(() => button(explorer, "Pause").click());
    const paused = await state(explorer);
    assert.deepEqual([paused.running, paused.paused], [false, 2000]);
    await explorer.page.waitForTimeout(150);
    assert.equal((await state(explorer)).steps, paused.steps, "it stands");
    assert.equal(new URLSearchParams(explorer.search).get("k"), String(paused.steps));
    await button(explorer, "Play").click();
    await reach(explorer, paused.steps + 5);
    await explorer.after(() => button(explorer, "Stop").click());
    const stopped = await state(explorer);
    assert.deepEqual([stopped.running, stopped.paused], [false, null]);
    assertView(await explorer.view(), direct([`k=${stopped.steps}`])[0]);
    await explorer.press("Train 1 step");
    assert.equal((await state(explorer)).steps, stopped.steps + 1);
    await explorer.press("Back to untrained");
    assertView(await explorer.view(), direct([""])[0]);
  }, own));

test("a long training stops within 100 milliseconds, and leaves the page free", () =>
  visit("?v=1&c=lstm&n=64&t=200&l=3", async (explorer) => {
    await button(explorer, "Train 500").click();
    await explorer.page.waitForTimeout(500);
    const took = await explorer.page.evaluate(async () => {
      const { explorer } = document.querySelector(".explorer");
      const drawn = new Promise((done) => explorer.root.addEventListener("explorer:drawn", ({ detail }) => done(detail), { once: true }));
      document.querySelector("[data-do=stop]").click();
      const stopped = explorer.latest.running?.stop.signal.aborted;
      return { stopped, ...(await drawn) };
    });
    assert.equal(took.stopped, true);
    assert.ok(took.answer < 100, `${took.answer} ms`);
    const { steps, running } = await state(explorer);
    assert.ok(steps < 500 && !running);
    assert.ok(await button(explorer, "Train 50").isEnabled());
    await explorer.set("w", "1.5");
    assert.equal((await explorer.view()).settings.weight_scale, 1.5);
    assert.equal((await state(explorer)).steps, steps);
  }, own));

test("a slider that is moved during a training draws, and the training goes on", () =>
  visit("", async (explorer) => {
    await button(explorer, "Play").click();
    await reach(explorer, 5);
    await explorer.page.evaluate(() => {
      const slider = document.querySelector("[name=w]");
      slider.value = "1.5";
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      slider.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await explorer.page.waitForFunction(() => document.querySelector(".explorer").explorer.view.settings.weight_scale === 1.5);
    const { steps } = await state(explorer);
    assert.ok(steps >= 5);
    await reach(explorer, steps + 10);
    assert.equal((await explorer.view()).settings.weight_scale, 1.5);
    await explorer.after(() => button(explorer, "Stop").click());
  }, own));

test("another network ends the training", () =>
  visit("", async (explorer) => {
    await button(explorer, "Play").click();
    await reach(explorer, 5);
    await explorer.after(() => explorer.control("c").selectOption("gru"));
    assert.equal((await state(explorer)).running, false);
    assert.equal((await explorer.view()).settings.cell, "gru");
  }, own));

test("saved steps are gone back to without a request", () =>
  visit("", async (explorer) => {
    await explorer.press("Train 500");
    const asked = explorer.requests.length;
    const slider = explorer.page.locator("#x-scrub");
    const steps = await explorer.page.evaluate(() => document.querySelector(".explorer").explorer.trainer.course.steps);
    assert.ok(steps.length >= 4 && steps[0] === 0 && steps.at(-1) === 500, `${steps}`);
    for (const k of [0, 2]) {
      await explorer.after(() => slider.fill(String(k)));
      assertView(await explorer.view(), direct([`k=${steps[k]}`])[0]);
      assert.equal(await explorer.page.locator("[data-scrubbed]").textContent(), String(steps[k]));
    }
    assert.equal(explorer.requests.length, asked);
    assert.equal(new URLSearchParams(explorer.search).get("k"), String(steps[2]));
  }, own));

test("the sentence of the course says when ρ crossed 1", () =>
  visit("?v=1&t=30", async (explorer) => {
    await explorer.press("Train 500");
    const { points, said } = await explorer.page.evaluate(() => {
      const { explorer } = document.querySelector(".explorer");
      return { points: explorer.trainer.course.points, said: document.querySelector("[data-chart=course] figcaption").textContent };
    });
    const at = points.findIndex(({ radius }, k) => k > 0 && points[k - 1].radius < 1 !== radius < 1);
    if (at < 0) return assert.match(said, /The spectral radius was (below 1|1 or more) at all/);
    const [from, to] = [points[at - 1], points[at]];
    assert.ok(said.includes(to.step - from.step === 1 ? `with step ${to.step}` : `between steps ${from.step} and ${to.step}`), said);
    assert.match(said, to.radius >= 1 ? /spectral radius rose to 1 or more/ : /spectral radius fell below 1/);
  }, own));

test("a training that overflows says so, where the buttons are and in its chart", () =>
  visit("", async (explorer) => {
    // What the program answers to a training that ends early.
    await explorer.page.route(/api\/view\?.*k=/, async (route) => {
      const response = await route.fetch();
      const answer = await response.json();
      answer.view.training = { losses: [1e300], overflow: "the loss" };
      answer.view.sentences.training = "Training ended at step 2: the first number out of range is in the loss.";
      await route.fulfill({ response, json: answer });
    });
    await explorer.press("Train 50");
    assert.deepEqual(await explorer.texts("[data-trained]"), ["Training ended at step 2: the first number out of range is in the loss."]);
    assert.match((await explorer.texts("[data-chart=training] figcaption"))[0], /Training ended at step 2/);
    for (const name of ["Play", "Train 50"]) assert.ok(await button(explorer, name).isDisabled(), name);
    assert.ok(await button(explorer, "Back to untrained").isEnabled());
  }, own));

test("no answer of the server is an error while it trains", () =>
  visit("?v=1&c=lstm&n=64&t=200", async (explorer) => {
    await button(explorer, "Train 500").click();
    await explorer.page.waitForTimeout(3000);
    await explorer.after(() => button(explorer, "Stop").click());
  }, { own: true, closed: true }));
