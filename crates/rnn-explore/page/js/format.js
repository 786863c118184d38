// Number formatting: three significant digits, minus signs, superscript exponents.

const SUPERSCRIPT = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

const superscript = (n) => String(n).replace(/[-0-9]/g, (digit) => SUPERSCRIPT[digit]);

/** As 0.622, 1235 or 1.23 · 10⁴, which no line break divides; a dash for a missing or infinite number. */
function format(x) {
  if (x === null || x === undefined || !Number.isFinite(x)) return "–";
  if (x === 0) return "0";
  if (Number.isInteger(x) && Math.abs(x) < 1e4) return String(x).replace("-", "−");
  const [digits, exponent] = x.toExponential(2).split("e").map(Number);
  if (exponent >= -3 && exponent < 4) return x.toFixed(Math.max(0, 2 - exponent)).replace("-", "−");
  return `${digits.toFixed(2).replace("-", "−")}\u00a0·\u00a010${superscript(exponent)}`;
}

/** A share as a percentage. Only 0 is 0%, and only 1 is 100%. */
function formatPercent(share) {
  const rounded = Math.round(100 * share);
  if (rounded === 0 && share > 0) return "<1%";
  if (rounded === 100 && share < 1) return ">99%";
  return `${rounded}%`;
}

/** A power of ten on an axis: 0.01, 1, 100, 10^-5; `Plot` raises what follows the circumflex. */
const formatPower = (exponent) =>
  exponent >= -2 && exponent <= 3 ? String(Number(`1e${exponent}`)) : `10^${String(exponent).replace("-", "−")}`;

/** A query without some of its keys. */
function without(query, keys) {
  const pairs = new URLSearchParams(query);
  for (const key of keys) pairs.delete(key);
  return String(pairs);
}

const escapeText = (text) =>
  String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

/** Text whose numbers are not broken between their digits and their power of ten. */
const unbroken = (text) => text.replace(/(\d) ([·×]) 10(?=[⁻⁰¹²³⁴-⁹])/g, "$1\u00a0$2\u00a010");

/** Quantities with an index, as dL/dh_t, W_hh, G_t, but not names of arrays, as weight_hh_l0. */
const INDEXED = /(?<![A-Za-z_])([d∂]?[hcsxyLGWnσΣ])_([A-Za-z0-9]+)(?!_)/g;

/** Text with indices, as dL/dh_t or W_hh, in SVG: text after an underscore becomes a subscript. */
const subscripted = (text) => escapeText(text).replace(INDEXED, '$1<tspan dy="3" font-size="80%">$2</tspan><tspan dy="-3">\u200b</tspan>');

/** The label of a tick: an exponent after a circumflex is raised, and large enough to be told from another. */
const raised = (text) => escapeText(text).replace(/\^(−?\d+)/, '<tspan dy="-4.5" font-size="90%">$1</tspan>');

/** Text with indices in HTML, in which no line break divides 1.23 · 10⁴. */
const subscriptedHtml = (text) => unbroken(escapeText(text).replace(INDEXED, "$1<sub>$2</sub>"));

/** "1 step", "2 steps". */
const counted = (count, one, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;
