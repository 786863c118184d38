// Random settings of the explorer, and which numbers of a view come from faer.

import { randomFrom } from "./random.mjs";

const CHOICES = {
  c: ["rnn", "lstm", "gru"], a: ["identity", "tanh", "relu", "sigmoid"], o: ["all", "last"],
  task: ["average", "adding", "copy", "order", "recall", "flipflop", "sines"],
};
const PLAIN = ["default", "gaussian", "identity", "nonnormal"];
const FACTORED = ["orthogonal", "critical"];

/** `count` queries; a few of them are refused. Large networks are trained for fewer steps. */
export function randomQueries(count, seed) {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => {
    const query = new URLSearchParams({ v: "1" });
    for (const [key, all] of Object.entries(CHOICES)) if (random.chance(0.6)) query.set(key, random.one(all));
    const [units, time, layers] = [random.whole(1, random.chance(0.2) ? 64 : 20), random.whole(2, random.chance(0.2) ? 200 : 40), random.whole(1, 3)];
    query.set("n", units);
    query.set("t", time);
    query.set("l", layers);
    query.set("s", random.whole(0, 1e6));
    if (random.chance(0.7)) query.set("w", random.between(random.chance(0.05) ? -6 : -5, 5, 2));
    if (random.chance(0.5)) query.set("b", random.between(-5, 5, 2));
    if (random.chance(0.5)) query.set("i", random.one(random.chance(0.75) ? PLAIN : FACTORED));
    if (random.chance(0.4)) query.set("g", random.between(0.05, 3, 2));
    if (random.chance(0.3)) query.set("f", random.between(-5, 5, 1));
    if (random.chance(0.4)) query.set("k", random.whole(1, Math.max(1, Math.round(3e5 / (units * units * time * layers + 1e4)))));
    if (random.chance(0.4)) query.set("j", random.whole(0, time));
    if (random.chance(0.4)) query.set("y", random.whole(0, layers));
    return String(query);
  });
}

/** Whether all numbers of this query but the spectra are computed without faer. */
export const exactly = (query) => !FACTORED.includes(new URLSearchParams(query).get("i"));

/**
 * Takes what comes from faer out of an answer: [[number]]. The sentences about spectra, which round these numbers, stay.
 * Eigenvalues are given by magnitude alone, because those of equal magnitude may come in any order.
 */
export function byFaer({ view }) {
  const taken = [];
  for (const matrix of [...view.spectrum.weights, ...view.spectrum.jacobians]) {
    taken.push(matrix.eigenvalues.map(([re, im]) => Math.hypot(re, im)), matrix.singular_values);
    matrix.eigenvalues = matrix.singular_values = null;
  }
  taken.push([view.critical_scale ?? 0]);
  view.critical_scale = null;
  for (const layer of view.layers) {
    if (layer.predicted) taken.push([layer.predicted.radius], layer.predicted.gradient.map((x) => x ?? 0));
    layer.predicted = null;
  }
  return taken;
}
