// The explorer as one file: opened from the disk, without a server and without a network.
// SITE is a folder that `cargo xtask site` has written; without it nothing is tested.

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";

import { direct, assertView } from "./lib/direct.mjs";
import { studio } from "./lib/explorer.mjs";
import { randomQueries } from "./lib/queries.mjs";
import { openModule } from "./lib/module.mjs";

const site = process.env.SITE ? resolve(process.env.SITE) : "";
const file = join(site, "explorer.html");
const live = site !== "" && readFileSync(file, "utf8").includes('id="explorer-module"');
const skip = live ? false : "SITE does not say where a site with a WebAssembly explorer is";
const url = pathToFileURL(file).href;
const { visit } = await studio({ server: false });

/** Opens the file with the network switched off. */
const offline = (body, options = {}) =>
  visit(url, async (explorer) => {
    await explorer.page.context().setOffline(true);
    await explorer.reload();
    await body(explorer);
    const elsewhere = explorer.requests.filter((request) => !/^(data|blob|file):/.test(request));
    assert.deepEqual(elsewhere, []);
  }, { own: true, ...options });

test("it is one file of at most three megabytes", { skip }, () => assert.ok(statSync(file).size <= 3e6, `${statSync(file).size} bytes`));

test("its numbers are those of the crates, with every control", { skip }, () =>
  offline(async (explorer) => {
    const acts = [["w", "2"], ["c", "lstm"], ["t", "40"], ["o", "all"], ["c", "gru"], ["n", "9"], ["l", "2"], ["task", "adding"]];
    const now = {};
    const expected = direct(acts.map(([key, value]) => String(new URLSearchParams(Object.assign(now, { [key]: value })))));
    for (const [k, [key, value]] of acts.entries()) {
      await explorer.set(key, value);
      assertView(await explorer.view(), expected[k]);
      assert.equal(await explorer.notice(), "");
    }
  }));

test("in the browser the module has the bits that it has in Node", { skip: skip || (!process.env.MODULE && "no MODULE"), timeout: 300_000 }, () =>
  offline(async (explorer) => {
    const module = await openModule(readFileSync(process.env.MODULE));
    const ask = (query) => explorer.page.evaluate(async (query) => {
      const { source } = document.querySelector(".explorer").explorer;
      return source.view(query, { signal: new AbortController().signal, progress: () => {} }).catch((error) => ({ message: error.message }));
    }, query);
    for (const query of randomQueries(200, 11)) assert.deepEqual(await ask(query), module.ask("view", query, 1e6).value, query);
  }));

test("training says how far it is, and stops within a tenth of a second", { skip, timeout: 60_000 }, () =>
  offline(async (explorer) => {
    const seen = await explorer.page.evaluate(async () => {
      const { source } = document.querySelector(".explorer").explorer;
      const outcomes = [];
      // Many short steps, and steps that take longer than the limit each.
      for (const query of ["v=1&n=64&t=40&k=2000", "v=1&c=lstm&n=64&l=3&t=200&k=50"]) {
        const stop = new AbortController();
        const progress = [];
        const running = source.view(query, { signal: stop.signal, progress: ({ steps }) => progress.push(steps) });
        await new Promise((done) => setTimeout(done, 600));
        const start = performance.now();
        stop.abort();
        const name = await running.then(() => "an answer", (error) => error.name);
        // What is asked next is answered soon: nothing goes on behind the page.
        await source.view("v=1", { signal: new AbortController().signal });
        outcomes.push({ name, progress, took: performance.now() - start });
      }
      return outcomes;
    });
    for (const { name, progress } of seen) {
      assert.equal(name, "AbortError");
      assert.ok(progress.every((steps, k) => k === 0 || steps > progress[k - 1]), `${progress}`);
    }
    assert.ok(seen[0].progress.length > 3, `${seen[0].progress}`);
    // A new Worker takes some time to start; a busy machine is given more.
    assert.ok(seen[0].took < 400 && seen[1].took < 1500, JSON.stringify(seen.map(({ took }) => took)));
  }));

test("an aborted training goes on from where it was", { skip }, () =>
  offline(async (explorer) => {
    const [before, after] = await explorer.page.evaluate(async () => {
      const { source } = document.querySelector(".explorer").explorer;
      const query = "v=1&n=16&t=30&k=2000&s=5";
      const run = async (until) => {
        const stop = new AbortController();
        const steps = [];
        const done = source.view(query, { signal: stop.signal, progress: (now) => steps.push(now.steps) && until(steps) && stop.abort() });
        await done.catch(() => {});
        return steps;
      };
      return [await run((steps) => steps.length === 4), await run((steps) => steps.length === 1)];
    });
    assert.ok(after[0] > before.at(-1), `${before}, then ${after}`);
  }));

test("its state is in the address, and the link works", { skip }, () =>
  offline(async (explorer) => {
    await explorer.set("w", "2.5");
    await explorer.set("c", "gru");
    const address = explorer.page.url();
    const { hash } = new URL(address);
    assert.match(hash, /c=gru/);
    const view = await explorer.view();
    await explorer.goto(address);
    await explorer.reload();
    assert.deepEqual(await explorer.view(), view);
  }));

test("every page of the site is there, and says nothing in the console", { skip: site === "" && "no SITE", timeout: 120_000 }, () =>
  visit(url, async (explorer) => {
    const { page } = explorer;
    const seen = new Set();
    const left = [pathToFileURL(join(site, "index.html")).href];
    while (left.length > 0) {
      const address = left.pop();
      if (seen.has(address)) continue;
      seen.add(address);
      await page.goto(address);
      const links = await page.locator("a[href]").evaluateAll((all) => all.map(({ href }) => href.split("#")[0]));
      const images = await page.locator("img").evaluateAll((all) => all.filter((one) => !one.naturalWidth && one.loading !== "lazy").map(({ src }) => src));
      assert.deepEqual(images, [], address);
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width: 375, height: 700 });
        const wide = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0 || /report|explorer/.test(address), `${address} is ${wide} pixels too wide`);
      }
      for (const link of links.filter((link) => link.startsWith("file:"))) {
        assert.ok(existsSync(new URL(link)), `${link} on ${address}`);
        if (link.endsWith(".html")) left.push(link);
      }
    }
    assert.ok(seen.size >= 10, `${[...seen]}`);
  }, { own: true }));
