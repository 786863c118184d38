// Files that were saved, read by other means than those that wrote them.

import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";

/** RFC 4180: rows of text. */
export function readCsv(text) {
  const rows = [[]];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|$)/y;
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const found = cell.exec(text);
    assert.ok(found, `no CSV at byte ${at}`);
    const [, raw, end] = found;
    rows.at(-1).push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === "\r\n") rows.push([]);
  }
  return rows.at(-1).length === 0 ? rows.slice(0, -1) : rows;
}

/** Width, height, and how many different colours there are, of a PNG with 8 bits a channel. */
export function readPng(bytes) {
  assert.equal(bytes.subarray(0, 8).toString("latin1"), "\x89PNG\r\n\x1a\n");
  const [width, height, depth, type] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[24], bytes[25]];
  assert.ok(depth === 8 && (type === 6 || type === 2), `PNG of ${depth} bits and type ${type}`);
  const data = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT") data.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  }
  return { width, height, colours: new Set(unfiltered(inflateSync(Buffer.concat(data)), width, height, type === 6 ? 4 : 3)).size };
}

/** Undoes the filters of rows, and gives every pixel as a number. */
function unfiltered(raw, width, height, channels) {
  const stride = width * channels;
  const pixels = new Uint32Array(width * height);
  let above = new Uint8Array(stride);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)];
    const row = Uint8Array.from(raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
    for (let x = 0; x < stride; x += 1) {
      const [a, b, c] = [x < channels ? 0 : row[x - channels], above[x], x < channels ? 0 : above[x - channels]];
      const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
      row[x] += [0, a, b, (a + b) >> 1, pa <= pb && pa <= pc ? a : pb <= pc ? b : c][filter];
    }
    for (let x = 0; x < width; x += 1) pixels[y * width + x] = (row[channels * x] << 16) | (row[channels * x + 1] << 8) | row[channels * x + 2];
    above = row;
  }
  return pixels;
}
