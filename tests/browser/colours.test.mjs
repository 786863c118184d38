// For every pair of eyes, and for those who listen: contrast, names, roles, in the light and in the dark.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import test from "node:test";

import { contrast } from "./lib/colour.mjs";
import { studio } from "./lib/explorer.mjs";

const { visit } = await studio();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function violations(explorer) {
  await explorer.page.evaluate(axe);
  const results = await explorer.page.evaluate(() => window.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] }));
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`);
}

const openTable = async (explorer) => {
  await explorer.page.locator("details.table summary").click();
  await explorer.page.locator("[data-table] td").first().waitFor();
};

const states = [
  ["as it starts", "", () => {}],
  ["an LSTM of 3 layers with A, trained", "?v=1&c=lstm&l=3&k=2&f=3&hold=v-1_c-gru", () => {}],
  ["with an error", "?v=1&w=99", () => {}],
  ["out of range", "?v=1&a=identity&t=200&w=5&n=64&i=gaussian&g=3", () => {}],
  ["with its table open", "?v=1&l=2", openTable],
];
for (const colorScheme of ["light", "dark"]) {
  for (const [name, address, prepare] of states) {
    test(`axe finds nothing, ${colorScheme}, ${name}`, () =>
      visit(
        address,
        async (explorer) => {
          await prepare(explorer);
          assert.deepEqual(await violations(explorer), []);
        },
        { colorScheme, refusals: true },
      ));
  }

  test(`text and lines of charts can be seen, ${colorScheme}`, () =>
    visit(
      "?v=1&c=lstm&l=3&hold=v-1_c-lstm",
      async (explorer) => {
        const colours = await explorer.page.evaluate(() => {
          const style = getComputedStyle(document.querySelector(".explorer"));
          const names = ["--paper", "--panel", "--ink", "--soft", "--accent", "--c1", "--c2", "--c3", "--c4", "--neutral", "--warn", "--warn-paper", "--on-accent"];
          const fills = [...document.querySelectorAll(".plot text")].map((text) => getComputedStyle(text).fill);
          return { ...Object.fromEntries(names.map((name) => [name, style.getPropertyValue(name).trim()])), fills: [...new Set(fills)], behind: getComputedStyle(document.documentElement).backgroundColor };
        });
        const apart = (one, other, least) => assert.ok(contrast(colours[one], colours[other]) >= least, `${one} on ${other}: ${contrast(colours[one], colours[other]).toFixed(2)}`);
        for (const text of ["--ink", "--soft", "--accent"]) apart(text, "--paper", 4.5), apart(text, "--panel", 4.5);
        for (const line of ["--c1", "--c2", "--c3", "--c4", "--neutral", "--soft"]) apart(line, "--paper", 3);
        apart("--warn", "--warn-paper", 4.5);
        apart("--on-accent", "--accent", 4.5);
        assert.equal(contrast(colours["--paper"], colours.behind), 1, "one paper for all");
        assert.ok(colours.fills.length > 0);
        for (const fill of colours.fills) assert.ok(contrast(fill, colours["--paper"]) >= 4.5, `text of ${fill}`);
        const bright = contrast(colours["--paper"], "#000000") > contrast(colours["--paper"], "#ffffff");
        assert.equal(bright, colorScheme === "light");
      },
      { colorScheme },
    ));
}

test("nothing moves for those who do not want it to", () =>
  visit(
    "",
    async (explorer) => {
      const moving = await explorer.page.evaluate(() => {
        const seconds = (text) => Math.max(...text.split(",").map(Number.parseFloat));
        return [...document.querySelectorAll(".explorer *")].filter((one) => {
          const style = getComputedStyle(one);
          return seconds(style.transitionDuration) > 0 || (style.animationName !== "none" && seconds(style.animationDuration) > 0) || style.scrollBehavior === "smooth";
        }).length;
      });
      assert.equal(moving, 0);
      assert.equal(await explorer.page.evaluate(() => document.getAnimations().length), 0);
    },
    { reducedMotion: "reduce" },
  ));

test("what has changed is said once, when the reader pauses", () =>
  visit("", async (explorer) => {
    const said = () => explorer.page.locator("[data-live]").textContent();
    for (const w of ["2", "3", "4"]) await explorer.set("w", w);
    assert.doesNotMatch(await said(), /weights × 4/);
    await explorer.page.waitForTimeout(900);
    assert.match(await said(), /weights × 4/);
  }));
