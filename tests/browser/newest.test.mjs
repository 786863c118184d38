// The newest setting wins: requests never queue, and no old answer comes after a new one.

import assert from "node:assert/strict";
import test from "node:test";

import { studio } from "./lib/explorer.mjs";

const { visit } = await studio();
const own = { own: true, closed: true };

/** Counts requests for views: { all, most, at once, queries, aborted }. */
function count(page) {
  const seen = { all: 0, now: 0, most: 0, aborted: 0, queries: [] };
  const view = (request) => request.url().includes("/api/view?");
  page.on("request", (request) => {
    if (!view(request)) return;
    seen.queries.push(request.url().split("?")[1]);
    seen.all += 1;
    seen.now += 1;
    seen.most = Math.max(seen.most, seen.now);
  });
  page.on("requestfinished", (request) => view(request) && (seen.now -= 1));
  page.on("requestfailed", (request) => {
    if (!view(request)) return;
    seen.now -= 1;
    seen.aborted += 1;
  });
  return seen;
}

/** Moves the weight slider from 1 by `moves` steps, one every `pause` milliseconds, as a hand does. */
const drag = (explorer, moves, pause) =>
  explorer.page.evaluate(
    async ([moves, pause]) => {
      const slider = document.querySelector("[name=w]");
      for (let k = 1; k <= moves; k += 1) {
        slider.value = String(1 + 0.05 * k);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        await new Promise((done) => setTimeout(done, pause));
      }
      slider.dispatchEvent(new Event("change", { bubbles: true }));
    },
    [moves, pause],
  );

const assertAt = async (explorer, scale) => {
  const { settings, query } = await explorer.view();
  assert.equal(settings.weight_scale, scale);
  assert.equal(explorer.search, `?${query}`);
  assert.match((await explorer.texts("[data-summary]"))[0], new RegExp(`weights × ${scale}`));
};

test("a slider that moves forty times over a slow server", () =>
  visit("", async (explorer) => {
    await explorer.page.route("**/api/view?*", async (route) => {
      await new Promise((done) => setTimeout(done, 80));
      await route.continue();
    });
    const seen = count(explorer.page);
    await explorer.after(() => drag(explorer, 40, 10));
    await assertAt(explorer, 3);
    // The end of an aborted request may be told after the next has begun.
    assert.ok(seen.most <= 1 + Math.min(1, seen.aborted), "one request at a time");
    assert.ok(seen.all >= 3 && seen.all <= 20, `${seen.all} requests for 40 moves`);
    assert.equal(seen.queries.at(-1), "v=1&w=3");
    assert.equal(new Set(seen.queries).size, seen.all, "nothing is asked twice");
  }, own));

test("a slider that moves forty times over the server as it is", () =>
  visit("?v=1&n=32&t=60", async (explorer) => {
    const seen = count(explorer.page);
    await explorer.after(() => drag(explorer, 40, 4));
    await assertAt(explorer, 3);
    assert.ok(seen.most <= 1 + Math.min(1, seen.aborted));
    assert.ok(seen.all <= 41);
    assert.equal(seen.aborted, 0);
  }, own));

test("a drag over views that are slow still draws, at least every second one", () =>
  visit("", async (explorer) => {
    await explorer.page.route("**/api/view?*", async (route) => {
      await new Promise((done) => setTimeout(done, 600));
      await route.continue().catch(() => {});
    });
    const seen = count(explorer.page);
    const before = await explorer.page.evaluate(() => window.seen.drawn);
    await drag(explorer, 80, 50);
    const drawn = (await explorer.page.evaluate(() => window.seen.drawn)) - before;
    assert.ok(drawn >= 2, `${drawn} draws in 4 seconds`);
    await explorer.settled(before);
    assert.ok(seen.aborted <= drawn + 2, `${seen.aborted} aborted, ${drawn} drawn`);
  }, { ...own, refusals: true }));

test("a server that takes long and then fails does not hold up the newest", () =>
  visit("", async (explorer) => {
    let first = true;
    await explorer.page.route("**/api/view?*", async (route) => {
      if (!first) return route.continue();
      first = false;
      await new Promise((done) => setTimeout(done, 6000));
      await route.abort("failed").catch(() => {});
    });
    const start = Date.now();
    await explorer.after(() => drag(explorer, 30, 30));
    await assertAt(explorer, 2.5);
    assert.ok(Date.now() - start < 5900, "what is late was waited for");
    assert.equal(await explorer.notice(), "");
  }, { ...own, refusals: true }));

test("a long training is interrupted by a newer setting", () =>
  visit("?v=1&c=lstm&n=64&t=200", async (explorer) => {
    const { page } = explorer;
    const seen = count(page);
    await page.getByRole("button", { name: "Train 500" }).click();
    await page.waitForTimeout(300);
    assert.ok((await explorer.view()).settings.trained < 500, "it takes long");
    const start = Date.now();
    await explorer.after(() => page.evaluate(() => [...document.querySelectorAll("[data-preset]")].find((one) => one.textContent === "The notebook’s 1.D").click()));
    assert.ok(Date.now() - start < 3000, `${Date.now() - start} ms`);
    assert.equal((await explorer.view()).settings.cell, "rnn");
    assert.ok(seen.aborted <= 1, "the slice that was under way");
    assert.equal(seen.most <= 2, true);
    // The program is free again, too.
    const again = Date.now();
    await explorer.set("w", "2");
    await assertAt(explorer, 2);
    assert.ok(Date.now() - again < 2000, `${Date.now() - again} ms`);
  }, { ...own, refusals: true }));

test("a training that takes longer than an answer may goes on, and says how far it is", () =>
  visit("", async (explorer) => {
    const { page } = explorer;
    let interruptions = 2;
    await page.route("**/api/view?*", async (route) => {
      if (interruptions === 0) return route.continue();
      interruptions -= 1;
      const steps = 20 - 10 * interruptions;
      return route.fulfill({ status: 503, contentType: "application/json", body: JSON.stringify({ interrupted: { steps, wanted: 50 }, message: "" }) });
    });
    const said = await page.evaluate(() => {
      window.said = [];
      const one = document.querySelector("[data-trained]");
      new MutationObserver(() => window.said.push(one.textContent)).observe(one, { childList: true });
      return window.said;
    });
    assert.deepEqual(said, []);
    await explorer.press("Train 50");
    assert.equal((await explorer.view()).training.losses.length, 50);
    const texts = await page.evaluate(() => window.said);
    const at = texts.indexOf("Training: 10 of 50 steps …");
    assert.ok(at >= 0 && texts.indexOf("Training: 20 of 50 steps …") > at, `${texts}`);
  }, { ...own, refusals: true }));

test("a server that has ended is said to have, and the page lives on", () =>
  visit("", async (explorer) => {
    await explorer.page.route("**/api/view?*", (route) => route.abort("connectionrefused"));
    await explorer.set("w", "2");
    assert.match(await explorer.notice(), /does not answer. Is “cargo xtask explore” still running\?/);
    await explorer.page.unroute("**/api/view?*");
    await explorer.set("w", "2.5");
    await assertAt(explorer, 2.5);
    assert.equal(await explorer.notice(), "");
  }, { ...own, refusals: true }));
