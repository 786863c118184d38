// Numbers that never saw the explorer: tests/examples/direct.rs computes them from the crates.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

import { DIRECT } from "./server.mjs";
import { assertClose, assertClosePoints } from "./numbers.mjs";

/** The numbers of each query. */
export function direct(queries) {
  const text = execFileSync(DIRECT, queries, { encoding: "utf8", maxBuffer: 1 << 28, timeout: 60_000 });
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

const columns = ["hidden", "cell", "gradient", "saturated", "slope"];

/** Every number of a view that direct.rs has. */
export function assertView(view, expected, tolerance = 1e-9) {
  const close = (a, b, what) => assertClose(a, b, what, tolerance);
  const spectra = (a, b, what) => {
    assertClosePoints(a.eigenvalues, b.eigenvalues, `eigenvalues of ${what}`, tolerance);
    close(a.singular_values, b.singular_values, `singular values of ${what}`);
  };
  assert.deepEqual(view.settings, expected.settings);
  close(view.loss, expected.loss, "loss");
  close(view.training.losses, expected.losses, "losses of training");
  assert.equal(view.layers.length, expected.layers.length);
  expected.layers.forEach((layer, k) => {
    for (const name of columns.filter((name) => name in layer)) close(view.layers[k][name], layer[name], `${name} of layer ${k + 1}`);
    if ("radius" in layer) close(view.layers[k].predicted.radius, layer.radius, `spectral radius of layer ${k + 1}`);
  });
  assert.equal(view.spectrum.weights.length, expected.weights.length);
  expected.weights.forEach((matrix, k) => spectra(view.spectrum.weights[k], matrix, `block ${k} of W_hh`));
  assert.equal(view.overflow === null, "reach" in expected);
  if (view.overflow !== null) return;
  assert.ok(view.spectrum.jacobians.some(({ timestep }) => timestep === (view.settings.timestep || view.settings.time)));
  for (const one of view.spectrum.jacobians) spectra(one, expected.jacobians[one.timestep - 1], `the Jacobian at ${one.timestep}`);
  expected.reach.forEach((row, t) => close(view.reach.norms[t], row, `reach of the loss at ${t + 1}`));
  assert.deepEqual(view.terms.map(({ name }) => name), expected.terms.map(({ name }) => name));
  expected.terms.forEach(({ name, total, norm, along }, k) => {
    close(view.terms[k].total, total, `norm of the gradient of ${name}`);
    close(view.terms[k].norm, norm, `terms of ${name}`);
    assertClosePoints([view.terms[k].along], [along], `parts along the gradient of ${name}`, tolerance);
  });
  assert.deepEqual(view.gates.map(({ name }) => name), expected.gates.map(({ name }) => name));
  expected.gates.forEach((gate, k) => {
    for (const part of ["mean", "least", "most"]) assertClosePoints([view.gates[k][part]], [gate[part]], `${part} of gate ${gate.name}`, tolerance);
  });
}
