// The page under test: what a reader does and sees, and what must never happen while he does.

import assert from "node:assert/strict";
import { after } from "node:test";

import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";

/** One server and one browser for all tests of a file. */
export async function studio({ server = true } = {}) {
  const [program, browser] = await Promise.all([server ? serve() : null, launch()]);
  after(async () => {
    await browser.close();
    await program?.stop();
  });
  const open = async () => new Explorer(await (await browser.newContext({ acceptDownloads: true })).newPage(), program?.origin);
  let shared = null;
  return {
    origin: program?.origin,
    /**
     * Runs `body` with a page at `address`, then looks whether it went wrong unnoticed. With `own` the page is a new one, without
     * a history; else all tests use the same. All groups of charts and all parts of the panel are opened, unless `closed`.
     */
    async visit(address, body, { own = false, refusals = false, width = 1440, height = 1000, colorScheme = "light", reducedMotion = "no-preference", forcedColors = "none", closed = false } = {}) {
      const explorer = own ? await open() : (shared ??= await open());
      Object.assign(explorer, { complaints: [], requests: [], refusals, closed });
      try {
        await explorer.page.setViewportSize({ width, height });
        await explorer.page.emulateMedia({ colorScheme, reducedMotion, forcedColors });
        await explorer.goto(address);
        await body(explorer);
        explorer.assertQuiet();
      } finally {
        if (own) await explorer.page.context().close();
      }
    },
  };
}

export class Explorer {
  constructor(page, origin) {
    Object.assign(this, { page, origin, complaints: [], requests: [], refusals: false });
    page.setDefaultTimeout(40_000);
    page.on("pageerror", (error) => this.complaints.push(`error: ${error.message}`));
    page.on("console", (message) => {
      // A browser writes every answer that is a refusal to the console.
      const refusal = this.refusals && /Failed to load resource|net::ERR_/.test(message.text());
      if (["error", "warning"].includes(message.type()) && !refusal) this.complaints.push(`console: ${message.text()}`);
    });
    page.on("request", (request) => this.requests.push(request.url()));
  }

  /** No complaint in the console, and no request to anybody but the server. */
  assertQuiet() {
    assert.deepEqual(this.complaints, []);
    const own = (url) => /^(data|blob):/.test(url) || (this.origin ? url.startsWith(`${this.origin}/`) : url.startsWith("file:"));
    assert.deepEqual(this.requests.filter((url) => !own(url)), []);
  }

  /** Opens an address of the page, as `?v=1&c=lstm`, and waits for what it shows. */
  async goto(address) {
    if (!this.watched) await this.page.addInitScript(() => {
      window.seen = { drawn: 0, failed: 0 };
      for (const what of ["drawn", "failed"]) document.addEventListener(`explorer:${what}`, () => (window.seen[what] += 1), true);
    });
    this.watched = true;
    await this.page.goto(this.origin ? `${this.origin}/${address}` : address);
    await this.settled(0);
    if (!this.closed) await this.openAll();
  }

  async reload() {
    await this.page.reload();
    await this.settled(0);
    if (!this.closed) await this.openAll();
  }

  /** Opens every group of charts and every part of the panel. */
  async openAll() {
    await this.page.evaluate(async () => {
      for (const one of document.querySelectorAll(".explorer :is(details.group:not(.table), details.fold)")) one.open = true;
      // A group draws once it is told that it is open, and its plots once they know their widths.
      for (let k = 0; k < 3; k += 1) await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    });
    // The map is asked for by itself.
    await this.page.waitForFunction(() => !document.querySelector(".explorer [aria-busy]"));
  }

  /** Opens a group of charts or a part of the panel. */
  async open(id) {
    await this.page.locator(`details[data-group="${id}"] > summary, details[data-part="${id}"] > summary`).click();
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))));
  }

  /** Waits until more than `before` answers were shown, or refused, and none is under way. */
  async settled(before) {
    await this.page.waitForFunction((before) => {
      const explorer = document.querySelector(".explorer")?.explorer;
      return explorer && window.seen.drawn + window.seen.failed > before && !explorer.latest.busy;
    }, before);
    // Widths are known, and plots drawn, a frame later.
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  }

  /** Does something, and waits for what it brings. */
  async after(act) {
    const before = await this.page.evaluate(() => window.seen.drawn + window.seen.failed);
    await act();
    await this.settled(before);
  }

  view() {
    return this.page.evaluate(() => document.querySelector(".explorer").explorer.view);
  }

  held() {
    return this.page.evaluate(() => document.querySelector(".explorer").explorer.held);
  }

  /** The control of a key. */
  control(key) {
    return this.page.locator(`.explorer [name="${key}"]`);
  }

  /** Moves a control as its kind is moved: a choice, a slider, a number. */
  async set(key, value) {
    const control = this.control(key);
    const kind = await control.evaluate((element) => (element.tagName === "SELECT" ? "select" : element.type));
    await this.after(() => (kind === "select" ? control.selectOption(value) : control.fill(value)));
  }

  /** Types into the box beside a slider, or into a control that is a box, digit by digit. */
  async type(key, text, { delay = 60 } = {}) {
    const box = this.page.locator(`.explorer [data-mirrors="${key}"], .explorer input[type=number][name="${key}"]`);
    await box.click({ clickCount: 3 });
    await this.after(async () => {
      await this.page.keyboard.type(text, { delay });
      await this.page.keyboard.press("Enter");
    });
    return box.inputValue();
  }

  press(name) {
    return this.after(() => this.page.getByRole("button", { name, exact: true }).click());
  }

  get search() {
    return new URL(this.page.url()).search;
  }

  /** The text of every element, as it is read: spaces for what only moves letters. */
  texts(selector) {
    return this.page.locator(selector).evaluateAll((all) =>
      all.filter((one) => one.checkVisibility()).map((one) => one.textContent.replaceAll("\u200b", "").trim()),
    );
  }

  /** [[name, value, value of A]] of the facts. */
  facts() {
    return this.page.locator("[data-facts] > div").evaluateAll((all) =>
      all.map((one) => [one.querySelector("dt").textContent, one.querySelector("dd").firstChild.textContent.trim(), one.querySelector("small")?.textContent.trim() ?? null]),
    );
  }

  /** { name: text of the number } of the legend of a chart. */
  async legend(chart) {
    const all = await this.page.locator(`[data-chart="${chart}"] .legend li`).evaluateAll((all) =>
      all.map((one) => [one.querySelector("span")?.textContent ?? one.textContent, one.querySelector("b")?.textContent ?? null]),
    );
    return Object.fromEntries(all);
  }

  /** Every mark that is drawn, in the charts over timesteps: the chart, and the timestep it stands at. */
  marks() {
    return this.page.evaluate(() => {
      const explorer = document.querySelector(".explorer").explorer;
      const charts = ["gradient", "hidden", "saturation", "reach", "terms", "gates"];
      return charts.flatMap((chart) =>
        [...document.querySelectorAll(`[data-chart="${chart}"] .plot svg`)].filter((svg) => svg.checkVisibility()).map((svg) => {
          // The frame: M left top V bottom H right.
          const [left, , , right] = svg.querySelector("path.axis[fill=none]").getAttribute("d").match(/[\d.]+/g).map(Number);
          const at = Number(/^M([\d.]+)/.exec(svg.querySelector(".mark")?.getAttribute("d") ?? "")?.[1]);
          return { chart, t: ((at - left) / (right - left)) * explorer.view.settings.time + 0.5 };
        }),
      );
    });
  }

  notice() {
    return this.page.locator("[data-notice]").evaluate((one) => (one.hidden ? "" : one.textContent));
  }
}
