// Numbers that should be the same, and numbers as people read them.

import assert from "node:assert/strict";

/** Each number to its own size. */
export function assertClose(actual, expected, what, tolerance = 1e-9) {
  const [a, b] = [[actual].flat(), [expected].flat()];
  assert.equal(a.length, b.length, what);
  b.forEach((y, k) => {
    const x = a[k];
    if (y === null || x === null) return assert.equal(x, y, `${what} [${k}]`);
    assert.ok(Math.abs(x - y) <= tolerance * Math.max(Math.abs(x), Math.abs(y)), `${what} [${k}]: ${x}, not ${y}`);
  });
}

/** Points to the size of the largest, each as near as may be to one of the others, in whatever order. */
export function assertClosePoints(actual, expected, what, tolerance = 1e-9) {
  assert.equal(actual.length, expected.length, what);
  const largest = Math.max(...expected.flat().map(Math.abs));
  const left = [...actual];
  for (const point of expected) {
    const apart = left.map((other) => Math.max(...point.map((x, k) => Math.abs(x - other[k]))));
    const at = apart.indexOf(Math.min(...apart));
    assert.ok(apart[at] <= tolerance * largest, `${what}: none is at ${point}; the nearest is ${apart[at]} away`);
    left.splice(at, 1);
  }
}

const DIGITS = Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((digit, k) => [digit, k]).concat([["⁻", "-"]]));

/** The number that "−1.23 · 10⁴" means; null for a dash. */
export function read(text) {
  if (text === "–") return null;
  const plain = text.replaceAll("\u00a0", " ").replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (digit) => DIGITS[digit]);
  const parts = /^(−?[\d.]+)(?: · 10(-?\d+))?$/.exec(plain);
  assert.ok(parts, `“${text}” is no number`);
  return Number(parts[1].replace("−", "-")) * 10 ** Number(parts[2] ?? 0);
}

/** `text` is `value` to three digits. */
export function assertReads(text, value, what) {
  assert.equal(typeof text, "string", `no text for ${what}`);
  const number = read(text);
  if (value === null || number === null) return assert.equal(number, value ?? null, what);
  assert.ok(Math.abs(number - value) <= 0.00501 * Math.abs(value), `${what}: “${text}”, not ${value}`);
}
