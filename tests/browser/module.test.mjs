// The WebAssembly module without a browser: the same bits as the server, held back to the baseline instruction set.
// MODULE is the module; without it nothing is tested.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { after } from "node:test";

import { openModule } from "./lib/module.mjs";
import { assertClose } from "./lib/numbers.mjs";
import { byFaer, exactly, randomQueries } from "./lib/queries.mjs";
import { ask, serve } from "./lib/server.mjs";

const skip = process.env.MODULE ? false : "MODULE does not say where a module is";
const bytes = skip ? null : readFileSync(process.env.MODULE);

test("it imports nothing, and needs no relaxed instructions", { skip }, async () => {
  const module = await WebAssembly.compile(bytes);
  assert.deepEqual(WebAssembly.Module.imports(module), []);
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  for (const name of ["memory", "request", "view", "reply", "reply_length"]) assert.ok(names.includes(name), name);
});

test("a training goes on in slices, and says how far it is", { skip }, async () => {
  const module = await openModule(bytes);
  const query = "v=1&n=8&k=50";
  for (const steps of [20, 40]) {
    const { outcome, value } = module.ask("view", query, 20);
    assert.deepEqual([outcome, value], [1, { interrupted: { steps, wanted: 50 } }]);
  }
  const { outcome, text } = module.ask("view", query, 20);
  assert.equal(outcome, 0);
  assert.equal(text, (await openModule(bytes)).ask("view", query, 1000).text);
});

test("what it cannot read it refuses, and goes on", { skip }, async () => {
  const module = await openModule(bytes);
  for (const query of ["w=9", "v=7", "n=-1", "c=%FF", "\ud800", "x".repeat(5000)]) {
    const { outcome, value } = module.ask("view", query, 1);
    if (outcome !== 0) assert.ok(value.message.length > 10, query);
  }
  assert.equal(module.ask("view", "v=1", 1).outcome, 0);
});

test("200 random settings have the bits of a native build", { skip, timeout: 600_000 }, async () => {
  const server = await serve({ RNN_CORE_SIMD: "baseline" });
  after(() => server.stop());
  let module = await openModule(bytes);
  let exact = 0;
  for (const query of randomQueries(200, 7)) {
    let native;
    do native = await ask(`${server.origin}/api/view?${query}`);
    while (native.status === 503);
    const here = module.ask("view", query, 1e6);
    if (native.status !== 200) {
      assert.equal(here.outcome, 2, query);
      assert.equal(here.value.message, native.text, query);
      continue;
    }
    const there = JSON.parse(native.text);
    assert.equal(here.outcome, 0, `${query}: ${here.value.message}`);
    // What faer computes depends on the registers of the processor.
    const [a, b] = [byFaer(here.value), byFaer(there)];
    if (exactly(query)) {
      exact += 1;
      assert.deepEqual(here.value, there, query);
    } else assertAlike(here.value.view, there.view, query);
    assert.equal(a.length, b.length, query);
    a.forEach((numbers, k) => assertNear(numbers, b[k], query));
  }
  assert.ok(exact >= 120, `only ${exact} settings need nothing of faer`);
});

/** Numbers to a millionth: the weights themselves differ in their last bits. */
function assertAlike(a, b, query) {
  assert.deepEqual(a.settings, b.settings, query);
  if (a.overflow !== null || b.overflow !== null) return;
  assertClose(a.loss, b.loss, `loss of ${query}`, 1e-6);
  a.layers.forEach(({ gradient }, k) => assertClose(gradient, b.layers[k].gradient, `gradient of ${query}`, 1e-6));
}

/** Numbers to the size of the largest. */
function assertNear(a, b, query) {
  assert.equal(a.length, b.length, query);
  const largest = Math.max(1e-300, ...b.map(Math.abs));
  a.forEach((x, k) => assert.ok(Math.abs(x - b[k]) <= 1e-7 * largest, `a spectrum of ${query}: ${x}, not ${b[k]}`));
}
