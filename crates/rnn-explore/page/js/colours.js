// Colour maps, and their legend.

// Cividis, a colour map that is readable with every kind of colour vision, at ten evenly spaced points.
const CIVIDIS = [[0, 34, 78], [18, 53, 112], [59, 73, 109], [87, 93, 109], [112, 113, 115], [138, 134, 120], [165, 157, 116], [195, 180, 105], [225, 204, 85], [254, 232, 56]];

// From blue below through white to orange above.
const DIVERGING = [[5, 48, 97], [33, 102, 172], [103, 169, 207], [209, 229, 240], [247, 247, 247], [253, 219, 186], [244, 165, 96], [202, 90, 20], [110, 40, 0]];

/** 256 colours of a map in the format of a canvas: four bytes each, red in the lowest. */
const pixelsOf = (stops) =>
  Uint32Array.from({ length: 256 }, (_, index) => {
    const at = (index / 255) * (stops.length - 1);
    const k = Math.min(Math.floor(at), stops.length - 2);
    const [r, g, b] = stops[k].map((from, channel) => Math.round(from + (at - k) * (stops[k + 1][channel] - from)));
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });

const CIVIDIS_PIXELS = pixelsOf(CIVIDIS);
const DIVERGING_PIXELS = pixelsOf(DIVERGING);

/** Numbers below this share of the largest have the darkest colour. */
const DEEPEST = 1e-12;

/**
 * The range of colours of all these rows: { low, high, clipped, flat }. It is flat where all positive numbers are the same but
 * for rounding, and clipped where some are smaller than its darkest colour means.
 */
function colourRange(rows) {
  const [least, high] = extent(rows, true);
  if (!(high > 0)) return { low: DEEPEST, high: 1, clipped: false, flat: false, empty: true };
  const low = Math.max(least, high * DEEPEST);
  const flat = !(high > low * (1 + 1e-9));
  return { low, high, clipped: least < low, flat, empty: false };
}

/** The index of the colour of a positive number. */
function colourIndex(value, { low, high, flat }) {
  if (flat) return 255;
  const at = (Math.log10(value) - Math.log10(low)) / (Math.log10(high) - Math.log10(low));
  return Math.min(Math.max(Math.round(255 * at), 0), 255);
}

const gradientCss = (stops) => `linear-gradient(90deg,${stops.map((rgb) => `rgb(${rgb})`).join(",")})`;

/** The legend of a range, as items of a list. */
function rangeLegend(range, nothing) {
  const { low, high, clipped, flat, empty } = range;
  if (empty) return `<li>${nothing}</li>`;
  const bar = (css) => `<span class="scale" style="background:${css}"></span>`;
  const one = flat ? `<li>${bar(`rgb(${CIVIDIS.at(-1)})`)}<span>${format(high)}</span></li>` : `<li><span>${clipped ? "≤ " : ""}${format(low)}</span>${bar(gradientCss(CIVIDIS))}<span>${format(high)}</span></li>`;
  return `${one}<li>no colour: ${nothing}</li>`;
}
