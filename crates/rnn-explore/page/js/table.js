// The numbers of a view as tables, on the page and as CSV.

/** Columns over timesteps, each { name, values }. */
function columns(view) {
  const { settings, layers, terms, gates, reach } = view;
  const of = (k) => (layers.length === 1 ? "" : `, layer ${k + 1}`);
  const time = Array.from({ length: settings.time }, (_, k) => k + 1);
  return [
    { name: "t", values: time },
    ...layers.flatMap(({ hidden, cell, gradient, cell_gradient, predicted, saturated, slope }, k) => [
      { name: `‖h_t‖${of(k)}`, values: hidden },
      ...(cell ? [{ name: `‖c_t‖${of(k)}`, values: cell }] : []),
      { name: `‖dL/dh_t‖${of(k)}`, values: gradient },
      ...(cell_gradient ? [{ name: `‖dL/dc_t‖${of(k)}`, values: cell_gradient }] : []),
      ...(predicted ? [{ name: `predicted ‖dL/dh_t‖${of(k)}`, values: predicted.gradient }] : []),
      ...(saturated ? [{ name: `saturated share${of(k)}`, values: saturated }] : []),
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

/** A table of { head, rows } in HTML. */
function tableOf({ head, rows }) {
  const cell = (value) => (typeof value === "string" ? `<th scope="row">${subscriptedHtml(value)}</th>` : `<td>${format(value)}</td>`);
  return `<table><thead><tr>${head.map((name) => `<th scope="col">${subscriptedHtml(name)}</th>`).join("")}</tr></thead><tbody>${rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("")}</tbody></table>`;
}

function tableHtml(view) {
  const all = columns(view);
  return tableOf({ head: all.map(({ name }) => name), rows: all[0].values.map((_, t) => all.map(({ values }) => values[t])) });
}

const csvCell = (value) => (value === null || value === undefined ? "" : typeof value === "number" ? String(value) : `"${value.replaceAll('"', '""')}"`);

const csvLine = (cells) => cells.map(csvCell).join(",");

/** One table of { head, rows }: the first columns say whether a row is of now or of A, and the settings. */
const csvOf = (tables) =>
  `${tables
    .flatMap(({ run, query, head, rows }, k) => [...(k === 0 ? [csvLine(["run", "settings", ...head])] : []), ...rows.map((row) => csvLine([run, query, ...row]))])
    .join("\r\n")}\r\n`;

/**
 * The numbers by timestep, those of now and below them those of A, in one table of one width. A column that one of the two lacks
 * is empty there.
 */
function csv(view, held) {
  const runs = [["now", view], ...(held ? [["A", held]] : [])].map(([run, of]) => ({ run, query: of.query, columns: new Map(columns(of).map(({ name, values }) => [name, values])) }));
  const head = [...new Set(runs.flatMap(({ columns }) => [...columns.keys()]))];
  const rows = (columns) => columns.get("t").map((_, t) => head.map((name) => columns.get(name)?.[t] ?? null));
  return csvOf(runs.map(({ run, query, columns }) => ({ run, query, head, rows: rows(columns) })));
}

/** The name of a file of these settings: "explorer-c-lstm-t-60.csv". */
function fileName(what, query, kind) {
  const settings = query.replace(/^v=1&?/, "").replaceAll(/%3A/g, ".").replaceAll(/[^A-Za-z0-9.-]+/g, "-");
  return `${[what, settings].filter(Boolean).join("-").slice(0, 120)}.${kind}`;
}
