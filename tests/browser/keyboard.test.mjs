// Without a mouse: everything is reached in order, is seen to be, and can be moved.

import assert from "node:assert/strict";
import test from "node:test";

import { studio } from "./lib/explorer.mjs";

const { visit } = await studio();

/** What has the focus: which one of the page, and whether that can be seen. */
const focused = (explorer) =>
  explorer.page.evaluate(() => {
    const one = document.activeElement;
    if (one === document.body || one === null) return null;
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    const { top, bottom, left, right, width, height } = one.getBoundingClientRect();
    const inside = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth && width > 0 && height > 0;
    return { at: window.stops.indexOf(one), outlined: outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2, inside, what: one.id || one.dataset.do || one.dataset.mirrors || one.textContent.trim() };
  });

/** Every control that can be used, in the order of the page. */
const reachable = (explorer) =>
  explorer.page.evaluate(() => {
    // Charts may be drawn meanwhile, and add elements.
    window.stops = [...document.querySelectorAll("*")].filter((one) => one.matches("input, select, button, a[href], summary, [tabindex='0']") && !one.disabled && one.type !== "hidden" && one.checkVisibility({ visibilityProperty: true }));
    return window.stops.map((_, k) => k);
  });

for (const [name, address] of [["an RNN", "?v=1"], ["an LSTM with everything", "?v=1&c=lstm&l=2&i=critical&k=3&hold=v-1_c-gru"]]) {
  test(`Tab goes through every control of ${name} in order, each outlined, and out again`, () =>
    visit(address, async (explorer) => {
      const { page } = explorer;
      await page.evaluate(() => document.body.focus());
      const wanted = await reachable(explorer);
      assert.ok(wanted.length > 30);
      const seen = [];
      for (let k = 0; k <= wanted.length; k += 1) {
        await page.keyboard.press("Tab");
        const one = await focused(explorer);
        if (one === null) break;
        assert.ok(one.outlined, `${one.what} has no outline`);
        assert.ok(one.inside, `${one.what} is out of sight`);
        seen.push(one.at);
      }
      assert.deepEqual(seen, wanted);
      await page.keyboard.press("Tab");
      for (const at of [...wanted].reverse().slice(0, 3)) {
        await page.keyboard.press("Shift+Tab");
        const one = await focused(explorer);
        if (one !== null) assert.ok(wanted.includes(one.at) && one.at >= at);
      }
    }, { own: true }));
}

test("arrows, Home and End move sliders by their steps", () =>
  visit("", async (explorer) => {
    const { page } = explorer;
    for (const [key, up, low, high] of [["w", "1.05", "-5", "5"], ["b", "1.05", "-5", "5"], ["n", "17", "1", "64"], ["t", "11", "2", "200"]]) {
      const control = explorer.control(key);
      await control.focus();
      const first = await control.inputValue();
      await explorer.after(() => page.keyboard.press("ArrowRight"));
      assert.equal(await control.inputValue(), up);
      await explorer.after(() => page.keyboard.press("ArrowDown"));
      assert.equal(await control.inputValue(), first);
      await explorer.after(() => page.keyboard.press("Home"));
      assert.equal(await control.inputValue(), low);
      await explorer.after(() => page.keyboard.press("End"));
      assert.equal(await control.inputValue(), high);
      assert.equal(new URLSearchParams(explorer.search).get(key), high);
      await explorer.set(key, first);
    }
  }));

test("Enter and Space press buttons, and open the table; arrows choose from lists", () =>
  visit("", async (explorer) => {
    const { page } = explorer;
    const press = async (name, key) => {
      await page.getByRole("button", { name, exact: true }).focus();
      await explorer.after(() => page.keyboard.press(key));
    };
    await press("Vanishing", "Enter");
    assert.equal((await explorer.view()).settings.init, "critical");
    await press("Hold as A", "Space");
    assert.ok(await explorer.held());
    await press("Train 1 step", "Space");
    assert.equal((await explorer.view()).settings.trained, 1);
    await explorer.control("c").focus();
    await explorer.after(() => page.keyboard.press("ArrowDown"));
    assert.equal((await explorer.view()).settings.cell, "lstm");
    await page.locator("details.table summary").focus();
    await page.keyboard.press("Enter");
    await page.locator("[data-table] td").first().waitFor();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.hasAttribute("data-table")), true, "the table can be scrolled");
  }));

test("a button that has done its work keeps the focus, or gives it to one nearby", () =>
  visit("", async (explorer) => {
    const { page } = explorer;
    for (const name of ["New draw", "Hold as A", "Train 50", "Swap", "Vanishing"]) {
      await page.getByRole("button", { name, exact: true }).focus();
      await explorer.after(() => page.keyboard.press("Enter"));
      assert.equal(await page.evaluate(() => document.activeElement.textContent), name);
    }
  }));

test("a number may be typed with pauses, and what is no number does no harm", () =>
  visit("", async (explorer) => {
    assert.equal(await explorer.type("w", "-0.05", { delay: 150 }), "-0.05");
    assert.equal((await explorer.view()).settings.weight_scale, -0.05);
    assert.equal(await explorer.type("w", "77"), "5");
    assert.equal((await explorer.view()).settings.weight_scale, 5);
    assert.equal(await explorer.type("n", "200"), "64");
    assert.equal((await explorer.view()).settings.hidden, 64);
    assert.equal(await explorer.notice(), "");
    const box = explorer.page.locator("[data-mirrors=t]");
    await box.focus();
    await explorer.after(async () => {
      await box.fill("");
      await explorer.page.keyboard.press("Enter");
    });
    assert.equal(await box.inputValue(), "10");
  }));
