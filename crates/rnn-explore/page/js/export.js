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
    const wanted = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-family", "font-size", "font-weight"];
    to[k].setAttribute("style", wanted.map((property) => `${property}:${style.getPropertyValue(property)}`).join(";"));
    to[k].removeAttribute("class");
  });
  return copy;
}

/** A figure as one SVG: its title, its legend, and every plot that is visible. */
function figureSvg(figure) {
  const style = getComputedStyle(figure.root);
  const paper = style.getPropertyValue("--paper").trim();
  const origin = figure.root.getBoundingClientRect();
  const serializer = new XMLSerializer();
  const lower = (index) => `<tspan dy="3" font-size="75%">${index}</tspan><tspan dy="-3">\u200b</tspan>`;
  const words = ({ childNodes }) =>
    [...childNodes].map(({ nodeName, textContent }) => (nodeName === "SUB" ? lower(escapeText(textContent)) : escapeText(textContent))).join("");
  const text = (element, size, weight = 400) => {
    const box = element.getBoundingClientRect();
    const { color, fontFamily, textAlign } = getComputedStyle(element);
    const middle = textAlign === "center";
    const [x, y] = [box.left - origin.left + (middle ? box.width / 2 : 0), box.top - origin.top + 0.75 * box.height];
    return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${middle ? "middle" : "start"}" style="${escapeText(`fill:${color};font-family:${fontFamily};font-size:${size}px;font-weight:${weight}`)}">${words(element)}</text>`;
  };
  const scale = (element) => {
    const box = element.getBoundingClientRect();
    const stops = CIVIDIS.map((rgb, k) => `<stop offset="${(k / (CIVIDIS.length - 1)).toFixed(3)}" stop-color="rgb(${rgb})"/>`).join("");
    const [x, y, w, h] = [box.left - origin.left, box.top - origin.top, box.width, box.height].map((n) => n.toFixed(1));
    return `<linearGradient id="scale">${stops}</linearGradient><rect x="${x}" y="${y}" width="${w}" height="${h}" fill="url(#scale)"/>`;
  };
  const inner = (element) => {
    const box = element.getBoundingClientRect();
    const copy = frozen(element);
    copy.setAttribute("x", (box.left - origin.left).toFixed(1));
    copy.setAttribute("y", (box.top - origin.top).toFixed(1));
    copy.setAttribute("width", box.width.toFixed(1));
    copy.setAttribute("height", box.height.toFixed(1));
    return serializer.serializeToString(copy);
  };
  const shown = (element) => element.offsetParent !== null;
  const parts = [text(figure.root.querySelector("h3"), 15, 650)];
  for (const item of figure.list.children) {
    for (const child of item.children) parts.push(child.tagName === "svg" ? inner(child) : child.style.background ? scale(child) : text(child, 13));
    if (item.children.length === 0) parts.push(text(item, 13));
  }
  for (const heading of figure.body.querySelectorAll("h4")) if (shown(heading)) parts.push(text(heading, 13));
  for (const canvas of figure.body.querySelectorAll("canvas")) {
    if (canvas.hidden || !shown(canvas)) continue;
    const box = canvas.getBoundingClientRect();
    const [x, y, w, h] = [box.left - origin.left, box.top - origin.top, box.width, box.height].map((n) => n.toFixed(1));
    parts.push(`<image x="${x}" y="${y}" width="${w}" height="${h}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${canvas.toDataURL()}"/>`);
  }
  for (const { root, svg } of figure.plots) if (shown(root)) parts.push(inner(svg));
  const bottom = figure.body.getBoundingClientRect().bottom - origin.top + 6;
  const [width, height] = [Math.ceil(origin.width) + 8, Math.ceil(bottom)];
  return {
    width,
    height,
    text: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="-4 -2 ${width} ${height}"><rect x="-4" y="-2" width="${width}" height="${height}" fill="${paper}"/>${parts.join("")}</svg>`,
  };
}

function saveSvg(figure) {
  download(`${figure.id}.svg`, "image/svg+xml", figureSvg(figure).text);
}

/** Saves a figure as PNG, at twice its size on the screen. */
async function savePng(figure) {
  const { width, height, text } = figureSvg(figure);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [2 * width, 2 * height];
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  context.drawImage(image, 0, 0);
  download(`${figure.id}.png`, "image/png", await new Promise((done) => canvas.toBlob(done, "image/png")));
}
