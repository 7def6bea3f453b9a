// Spans count code points; JavaScript strings count UTF-16 units, where an emoji is two. Everything converts here.

// The UTF-16 index of each of `points`, which must be in ascending order.
export function utf16Indices(text, points) {
  const indices = [];
  let codePoint = 0;
  let index = 0;
  for (const point of points) {
    while (codePoint < point && index < text.length) {
      index += text.codePointAt(index) > 0xffff ? 2 : 1;
      codePoint += 1;
    }
    indices.push(index);
  }
  return indices;
}

export function quoteAt(text, { start, end }) {
  const [from, to] = utf16Indices(text, [start, end]);
  return text.slice(from, to);
}

// `text` cut at every border of the spans: [{text, spans}], where `spans` are those that cover the piece.
export function pieces(text, spans) {
  const borders = [...new Set(spans.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const indices = utf16Indices(text, borders);
  const cuts = [0, ...indices, text.length];
  const starts = [0, ...borders];
  return starts
    .map((start, i) => ({
      text: text.slice(cuts[i], cuts[i + 1]),
      spans: spans.filter((span) => i > 0 && span.start <= start && start < span.end),
    }))
    .filter((piece) => piece.text);
}
