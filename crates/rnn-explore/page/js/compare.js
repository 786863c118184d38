// A and now: what differs, and what that does to the gradient.

/** The settings that differ: [{ name, now, held }], named as their controls. */
function differences(query, held, controls) {
  const [now, then] = [new URLSearchParams(query), new URLSearchParams(held)];
  return KEYS.filter((key) => key !== "y" && key !== "j").flatMap((key) => {
    const value = (pairs) => pairs.get(key) ?? controls.defaults.get(key);
    if (value(now) === value(then)) return [];
    const [name, title] = controls.title(key, value(now));
    return [{ name, now: title, held: controls.title(key, value(then))[1] }];
  });
}

/** "forget-gate bias: A has as drawn, now 5". */
const sayDifferences = (all) => (all.length === 0 ? "A and now have the same settings." : `A differs in ${all.map(({ name, now, held }) => `${name.charAt(0).toLowerCase()}${name.slice(1)} (A: ${held}; now: ${now})`).join(", ")}.`);

/** How the mean factor of a step back differs, or where there is none, the loss. */
function sayComparison(view, held) {
  const [now, then] = [view, held].map((one) => one.layers[one.layer]?.rate ?? null);
  if (now > 0 && then > 0) {
    const apart = Math.log(now) - Math.log(then);
    const both = `Each step back multiplies the gradient of the last loss by ${format(now)} on average, in A by ${format(then)}`;
    if (Math.abs(apart) < 5e-4) return `${both}: the same to three digits.`;
    const losing = now < 1 && then < 1;
    const which = apart > 0 === losing ? "less" : "more";
    return `${both}: now it ${losing ? "loses" : "gains"} ${format(Math.abs(apart))} of the logarithm ${which} in each step.`;
  }
  const gone = [[now, "now"], [then, "in A"]].filter(([rate]) => rate === 0 || rate === null).map(([, name]) => name);
  const losses = view.loss !== null && held.loss !== null ? ` The loss is ${format(view.loss)} now and ${format(held.loss)} in A.` : "";
  return `There is no mean factor per step back ${gone.join(" and ")}.${losses}`;
}
