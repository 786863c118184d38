// Lessons: predict first, then see; links that set the controls; terms a hover, a focus or a tap away.

import assert from "node:assert/strict";
import test from "node:test";

import { studio } from "./lib/explorer.mjs";

const { visit } = await studio();

const data = (explorer, name) => explorer.page.locator(`#explorer-${name}`).evaluate((one) => JSON.parse(one.textContent));

/** Whether what would tell the answer can be seen. */
const covered = (explorer) =>
  explorer.page.evaluate(() => {
    const tells = [...document.querySelectorAll(".explorer :is(figure.chart, [data-summary], [data-facts] > div)")];
    const seen = tells.filter((one) => one.checkVisibility({ visibilityProperty: true }));
    return seen.length === 0;
  });

const choose = (explorer, id) => explorer.after(() => explorer.page.locator("#x-lesson").selectOption(id));

test("every lesson covers the charts until it is answered, and every link sets the controls", () =>
  visit("", async (explorer) => {
    const lessons = await data(explorer, "lessons");
    assert.ok(lessons.length >= 8);
    assert.equal(await covered(explorer), false);
    for (const { id, query, prediction, title } of lessons) {
      await choose(explorer, id);
      assert.equal((await explorer.view()).query, `v=1&${query}`);
      assert.equal(new URLSearchParams(explorer.search).get("lesson"), id);
      assert.equal(await covered(explorer), true, id);
      assert.deepEqual(await explorer.texts(".lesson-body h3"), [title]);
      // An answer is needed.
      await explorer.page.getByRole("button", { name: "That is my prediction" }).click();
      assert.equal((await explorer.texts("[data-lack]"))[0].endsWith("first."), true);
      if (prediction.choice) {
        await explorer.page.locator(`[name=prediction][value="${prediction.choice.right}"]`).check();
        await explorer.press("That is my prediction");
        assert.match((await explorer.texts("[data-verdict]"))[0], /^Right\. /);
      } else {
        await explorer.page.locator(".sliders input").first().fill("-3");
        await explorer.press("That is my prediction");
        assert.match((await explorer.texts("[data-drawn-verdict]"))[0], /^At timestep 1 you drew 0\.00100; the network has /);
      }
      assert.equal(await covered(explorer), false, id);
      assert.ok(await explorer.page.evaluate(() => document.activeElement.hasAttribute("data-verdict")), "the focus is on the answer");
      const links = await explorer.page.locator(".lesson-body [data-go]").evaluateAll((all) => all.map((one) => one.dataset.go));
      assert.ok(links.length >= 2, id);
      await explorer.after(() => explorer.page.locator(".lesson-body [data-go]").first().click());
      assert.equal((await explorer.view()).query, `v=1&${links[0]}`);
      assert.equal(new URLSearchParams(explorer.search).get("lesson"), id, "the lesson stays open");
    }
    // The page remembers what was answered.
    await choose(explorer, lessons[0].id);
    assert.equal(await covered(explorer), false);
    await explorer.press("Next");
    assert.equal((await explorer.view()).query, `v=1&${lessons[1].query}`);
    await explorer.press("Leave");
    assert.equal(new URLSearchParams(explorer.search).get("lesson"), null);
  }));

test("a wrong prediction is named, and what can be skipped is shown", () =>
  visit("?lesson=non-normal", async (explorer) => {
    assert.equal(await covered(explorer), true);
    await explorer.page.locator('[name=prediction][value="0"]').check();
    await explorer.press("That is my prediction");
    assert.match((await explorer.texts("[data-verdict]"))[0], /^Not so\. /);
    assert.deepEqual(await explorer.texts(".options .wrong"), ["✗ your prediction"]);
    await choose(explorer, "eigenvalue");
    await explorer.press("Skip: show me");
    assert.equal(await covered(explorer), false);
  }, { own: true }));

test("a link to a lesson with settings of its own keeps them, and back leads back", () =>
  visit("?v=1&c=lstm&t=60&f=3&lesson=lstm", async (explorer) => {
    assert.equal((await explorer.view()).query, "v=1&c=lstm&t=60&f=3");
    assert.equal(await covered(explorer), true);
    await choose(explorer, "edge");
    await explorer.after(() => explorer.page.goBack());
    assert.equal(await explorer.page.locator("#x-lesson").inputValue(), "lstm");
  }, { own: true }));

test("a curve is drawn with the mouse", () =>
  visit("?lesson=eigenvalue", async (explorer) => {
    const plot = explorer.page.locator(".drawing svg");
    const { x, y, width, height } = await plot.boundingBox();
    await explorer.page.mouse.move(x + 80, y + height - 60);
    await explorer.page.mouse.down();
    await explorer.page.mouse.move(x + width - 30, y + 60, { steps: 8 });
    await explorer.page.mouse.up();
    const [first, , third] = await explorer.page.locator(".sliders input").evaluateAll((all) => all.map((one) => Number(one.value)));
    assert.ok(first < third, `${first} ${third}`);
    await explorer.press("That is my prediction");
    assert.equal(await explorer.page.locator("[data-drawing] path.line").count(), 2, "both curves");
  }, { own: true }));

test("confusions have links, and terms say what they mean", () =>
  visit("", async (explorer) => {
    const { page } = explorer;
    await page.getByText("Confusions", { exact: true }).click();
    const all = await data(explorer, "confusions");
    assert.equal(await page.locator(".confusions li").count(), all.length);
    await explorer.after(() => page.locator(".confusions li").nth(1).locator("[data-go]").first().click());
    assert.equal((await explorer.view()).query, `v=1&${all[1].query}`);
    const term = page.locator(".confusions [data-term]").first();
    const bubble = page.locator(".bubble");
    await term.hover();
    assert.equal(await bubble.isVisible(), true);
    await page.keyboard.press("Escape");
    assert.equal(await bubble.isVisible(), false);
    await term.focus();
    assert.equal(await bubble.isVisible(), true);
    const described = await term.evaluate((one) => document.getElementById(one.getAttribute("aria-describedby")).textContent);
    assert.ok((await bubble.textContent()).endsWith(described));
    await page.locator("h2").first().click();
    assert.equal(await bubble.isVisible(), false);
    await page.getByText("Glossary", { exact: true }).click();
    assert.equal(await page.locator(".glossary dt").count(), (await data(explorer, "glossary")).length);
  }));
