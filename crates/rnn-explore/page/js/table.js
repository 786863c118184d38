// The numbers of a view as a table, on the page and as CSV.

/** Columns over timesteps, each { name, values }. */
function columns(view) {
  const { settings, layers, terms, gates, reach } = view;
  const of = (k) => (layers.length === 1 ? "" : `, layer ${k + 1}`);
  const time = Array.from({ length: settings.time }, (_, k) => k + 1);
  return [
    { name: "t", values: time },
    ...layers.flatMap(({ hidden, cell, gradient, predicted, saturated, slope }, k) => [
      { name: `‖h_t‖${of(k)}`, values: hidden },
      ...(cell ? [{ name: `‖c_t‖${of(k)}`, values: cell }] : []),
      { name: `‖dL/dh_t‖${of(k)}`, values: gradient },
      ...(predicted ? [{ name: `predicted ‖dL/dh_t‖${of(k)}`, values: predicted.gradient }] : []),
      { name: `saturated share${of(k)}`, values: saturated },
      ...(slope ? [{ name: `mean slope${of(k)}`, values: slope }] : []),
    ]),
    ...terms.flatMap(({ name, norm, along }) => [
      { name: `‖G_t‖ of ${name}`, values: norm },
      ...(along.length > 0 ? [{ name: `part along the sum of ${name}`, values: along }] : []),
    ]),
    ...gates.flatMap(({ name, mean, least, most, saturated }) => [
      { name: `gate ${name}, mean`, values: mean },
      { name: `gate ${name}, least`, values: least },
      { name: `gate ${name}, greatest`, values: most },
      ...(saturated ? [{ name: `gate ${name}, saturated share`, values: saturated }] : []),
    ]),
    ...(reach.norms.length > 0 ? [{ name: "‖dL_T/dh_t‖", values: reach.norms[reach.norms.length - 1] }] : []),
  ];
}

function tableHtml(view) {
  const all = columns(view);
  const head = all.map(({ name }) => `<th scope="col">${subscriptedHtml(name)}</th>`).join("");
  const row = (_, t) => `<tr>${all.map(({ values }) => `<td>${format(values[t])}</td>`).join("")}</tr>`;
  const rows = Array.from({ length: view.settings.time }, row).join("");
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>`;
}

/**
 * The numbers by timestep, then the matrix, the spectra and the losses: tables one below the other, separated by empty lines.
 */
function csv(view) {
  const cell = (value) => (value === null || value === undefined ? "" : typeof value === "number" ? String(value) : `"${value.replaceAll('"', '""')}"`);
  const line = (cells) => cells.map(cell).join(",");
  const all = columns(view);
  const byTime = [line(all.map(({ name }) => name)), ...all[0].values.map((_, t) => line(all.map(({ values }) => values[t])))];
  const reach = ["‖dL_t/dh_k‖: row t; columns k", ...view.reach.norms.map((row, t) => line([t + 1, ...row]))];
  const { weights, jacobians } = view.spectrum;
  const matrices = [...weights, ...jacobians.map((one) => ({ ...one, name: `step Jacobian, t = ${one.timestep}` }))];
  const spectra = [
    line(["matrix", "index", "eigenvalue, real", "eigenvalue, imaginary", "singular value"]),
    ...matrices.flatMap(({ name, eigenvalues, singular_values }) => eigenvalues.map(([re, im], k) => line([name, k + 1, re, im, singular_values[k]]))),
  ];
  const losses = ["step,loss", ...view.training.losses.map((loss, k) => line([k + 1, loss]))];
  const parts = [byTime, reach, spectra, ...(view.training.losses.length > 0 ? [losses] : [])];
  return `${parts.map((lines) => lines.join("\r\n")).join("\r\n\r\n")}\r\n`;
}
