// Contrast, as WCAG 2 defines it.

const linear = (channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);

/** Of "#1b1b1b" or "rgb(27, 27, 27)". */
function luminance(colour) {
  const channels = colour.startsWith("#") ? colour.slice(1).match(/../g).map((digits) => Number.parseInt(digits, 16)) : colour.match(/[\d.]+/g).slice(0, 3).map(Number);
  const [r, g, b] = channels.map((channel) => linear(channel / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}
