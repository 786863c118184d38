// Downloads.

function download(name, type, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A copy of `element` with its colours and fonts inlined, so that it looks the same elsewhere. */
function frozen(element) {
  const copy = element.cloneNode(true);
  const [from, to] = [[element, ...element.querySelectorAll("*")], [copy, ...copy.querySelectorAll("*")]];
  from.forEach((one, k) => {
    const style = getComputedStyle(one);
    const wanted = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "opacity", "font-family", "font-size", "font-weight"];
    to[k].setAttribute("style", wanted.map((property) => `${property}:${style.getPropertyValue(property)}`).join(";"));
    to[k].removeAttribute("class");
  });
  return copy;
}

/** Text that is broken into lines of at most `width` letters. */
function wrapped(text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last !== "" && last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}

/** A figure as one SVG: its title, its legend, every plot that is visible, its sentence and the settings. */
function figureSvg(figure, query) {
  const style = getComputedStyle(figure.root);
  const colour = (name) => style.getPropertyValue(name).trim();
  const body = figure.body.getBoundingClientRect();
  const serializer = new XMLSerializer();
  const lower = (index) => `<tspan dy="3" font-size="75%">${index}</tspan><tspan dy="-3">\u200b</tspan>`;
  const words = ({ childNodes }) => [...childNodes].map(({ nodeName, textContent }) => (nodeName === "SUB" ? lower(escapeText(textContent)) : escapeText(textContent))).join("");
  const font = (size, weight, fill) => escapeText(`fill:${fill};font-family:${style.fontFamily};font-size:${size}px;font-weight:${weight}`);
  const line = (html, x, y, size, weight = 400, fill = colour("--ink"), anchor = "start") => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" style="${font(size, weight, fill)}">${html}</text>`;
  const width = Math.ceil(body.width) + 8;
  const parts = [line(words(figure.root.querySelector("h3")), 0, 16, 15, 650)];
  let y = 30;
  // The legends stand in lines of their own, from left to right.
  const flow = (list, left) => {
    let x = left;
    for (const item of list.children) {
      const box = item.getBoundingClientRect();
      if (x > left && x + box.width > body.width) [x, y] = [left, y + 19];
      let at = x;
      const children = item.children.length > 0 ? [...item.children] : [item];
      for (const child of children) {
        const wide = child.getBoundingClientRect().width;
        if (child.tagName === "svg") {
          const copy = frozen(child);
          Object.entries({ x: at.toFixed(1), y: (y + 1).toFixed(1), width: wide.toFixed(1) }).forEach((pair) => copy.setAttribute(...pair));
          parts.push(serializer.serializeToString(copy));
        } else if (child.classList.contains("scale")) {
          const stops = (child.style.background.match(/rgb\([^)]*\)/g) ?? []).map((rgb, k, all) => `<stop offset="${(k / Math.max(1, all.length - 1)).toFixed(3)}" stop-color="${rgb}"/>`);
          parts.push(`<linearGradient id="scale">${stops.join("")}</linearGradient><rect x="${at.toFixed(1)}" y="${y + 1}" width="${wide.toFixed(1)}" height="11" fill="url(#scale)"/>`);
        } else parts.push(line(words(child), at, y + 11, 13));
        at += wide + 5;
      }
      x += box.width + 16;
    }
    if (list.children.length > 0) y += 21;
  };
  flow(figure.list, 0);
  const inside = (element) => {
    const box = element.getBoundingClientRect();
    return { x: box.left - body.left, y: y + box.top - body.top, width: box.width, height: box.height };
  };
  const shown = (element) => element.checkVisibility();
  const top = y;
  for (const heading of figure.body.querySelectorAll("h4")) {
    if (!shown(heading)) continue;
    const { x, y: at, width: wide, height } = inside(heading);
    const middle = getComputedStyle(heading).textAlign === "center";
    parts.push(line(words(heading), middle ? x + wide / 2 : x, at + 0.75 * height, 13, 400, colour("--ink"), middle ? "middle" : "start"));
  }
  for (const canvas of figure.body.querySelectorAll("canvas")) {
    if (canvas.hidden || !shown(canvas)) continue;
    const box = inside(canvas);
    parts.push(`<image x="${box.x.toFixed(1)}" y="${box.y.toFixed(1)}" width="${box.width.toFixed(1)}" height="${box.height.toFixed(1)}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${canvas.toDataURL()}"/>`);
  }
  for (const { root, svg } of figure.plots) {
    if (!shown(root)) continue;
    const [copy, box] = [frozen(svg), inside(svg)];
    Object.entries(box).forEach(([name, value]) => copy.setAttribute(name, value.toFixed(1)));
    parts.push(serializer.serializeToString(copy));
  }
  y = top + body.height + 8;
  const sentences = [...wrapped(figure.caption.textContent, Math.floor(width / 6.4)), ...wrapped(`Settings: ${query}`, Math.floor(width / 6.4))];
  for (const text of sentences) {
    if (text === "") continue;
    y += 16;
    parts.push(line(escapeText(text), 0, y, 12, 400, colour("--soft")));
  }
  const height = Math.ceil(y) + 12;
  return {
    width,
    height,
    text: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="-4 -2 ${width} ${height}"><rect x="-4" y="-2" width="${width}" height="${height}" fill="${colour("--paper")}"/>${parts.join("")}</svg>`,
  };
}

/** Saves a figure as SVG, as PNG at twice its size on the screen, or its numbers as CSV. */
async function saveFigure(figure, kind, view, held) {
  const name = fileName(figure.id, view.query, kind);
  if (kind === "csv") {
    const runs = [["now", view], ...(held && figure.has(held) ? [["A", held]] : [])];
    return download(name, "text/csv;charset=utf-8", `\ufeff${csvOf(runs.map(([run, of]) => ({ run, query: of.query, ...figure.numbers(of) })))}`);
  }
  const query = held ? `${view.query}; A: ${held.query}` : view.query;
  const { width, height, text } = figureSvg(figure, query);
  if (kind === "svg") return download(name, "image/svg+xml", text);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [2 * width, 2 * height];
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  context.drawImage(image, 0, 0);
  return download(name, "image/png", await new Promise((done) => canvas.toBlob(done, "image/png")));
}
