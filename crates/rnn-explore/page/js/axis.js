// Axes: the map from numbers to pixels, and the ticks.

/** A linear axis over [low, high], widened to whole ticks. */
function linearAxis(low, high, ticks = 5) {
  if (!(high > low)) [low, high] = low === 0 ? [0, 1] : [Math.min(0, 2 * low), Math.max(0, 2 * low)];
  const rough = (high - low) / ticks;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  const at = Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step);
  const [from, to] = [first * step, last * step];
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const label = (x) => (Math.abs(to) >= 1e5 || step < 1e-4 ? format(x) : x.toFixed(decimals).replace("-", "−"));
  return { low: from, high: to, position: (x) => (x - from) / (to - from), ticks: at.map((x) => ({ at: x, label: label(x) })) };
}

/** A logarithmic axis over positive numbers, widened to whole decades. A number of 0 lies on its floor. */
function logAxis(low, high, ticks = 6) {
  if (!(low > 0) || !(high > 0)) [low, high] = [0.1, 10];
  let [first, last] = [Math.floor(Math.log10(low) + 1e-9), Math.ceil(Math.log10(high) - 1e-9)];
  // What is one number but for rounding lies between two decades, not on the edge.
  if (high < low * (1 + 1e-9) && Math.abs(Math.log10(low) - Math.round(Math.log10(low))) < 0.05) [first, last] = [Math.round(Math.log10(low)) - 1, Math.round(Math.log10(low)) + 1];
  if (first === last) last += 1;
  const every = Math.max(1, Math.ceil((last - first) / ticks));
  const labelled = [];
  for (let power = Math.ceil(first / every) * every; power <= last; power += every) {
    labelled.push({ at: 10 ** power, label: formatPower(power) });
  }
  const between = (k) => (first >= -2 && first <= 3 ? String(Number(`${k}e${first}`)) : `${k}·${formatPower(first)}`);
  if (last - first === 1) labelled.splice(1, 0, ...[2, 5].map((k) => ({ at: k * 10 ** first, label: between(k) })));
  const position = (x) => (x > 0 ? (Math.log10(x) - first) / (last - first) : x === 0 ? 0 : NaN);
  return { low: 10 ** first, high: 10 ** last, position, ticks: labelled, floor: true };
}

/** An axis over natural logarithms, which may be those of numbers beyond all range, with powers of ten as its labels. */
function lnAxis(low, high, ticks = 6) {
  const { position, ticks: all, ...rest } = linearAxis(low / Math.LN10, high / Math.LN10, ticks);
  const labelled = all.map(({ at }) => ({ at: at * Math.LN10, label: Number.isInteger(at) ? formatPower(at) : format(10 ** at) }));
  return { low: rest.low * Math.LN10, high: rest.high * Math.LN10, position: (x) => position(x / Math.LN10), ticks: labelled };
}

/** Whole numbers 1 .. n, each in the middle of its own column. */
function countAxis(n, ticks = 8) {
  const step = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500].find((step) => n / step <= ticks) ?? 1000;
  const at = Array.from({ length: n }, (_, k) => k + 1).filter((t) => t === 1 || t % step === 0);
  // The first label is dropped where it would overlap the next.
  const shown = step > 2 || n <= ticks ? at : at.filter((t) => t !== 1 || step === 1);
  return { low: 0.5, high: n + 0.5, position: (t) => (t - 0.5) / n, ticks: shown.map((t) => ({ at: t, label: String(t) })) };
}
