// Changed samples of the input, as the address holds them: "3:0.5,7:-1".

const MOST_EDITS = 16;

/** [[timestep, value]], in the order of time. */
const parseEdits = (text) =>
  text
    .split(",")
    .filter(Boolean)
    .map((pair) => pair.split(":").map(Number))
    .filter(([t, value]) => Number.isInteger(t) && Number.isFinite(value))
    .sort(([a], [b]) => a - b);

/** The edits with one more, or one in place of another; null if there would be too many. */
function withEdit(text, t, value) {
  const others = parseEdits(text).filter(([at]) => at !== t);
  if (others.length >= MOST_EDITS) return null;
  const all = [...others, [t, Math.round(100 * value) / 100 + 0]].sort(([a], [b]) => a - b);
  return all.map((pair) => pair.join(":")).join(",");
}
