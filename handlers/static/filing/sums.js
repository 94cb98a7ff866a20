// Sums as one goes: what the unit's own parts add up to, beside their total, and the sum of a column under it. Decimals
// are added as whole numbers, so that 10.10 and 20.20 are 30.30.
const SCALE = 6;

export function watchSums(form) {
  const again = () => {
    form.querySelectorAll("[data-parts]").forEach((place) => showParts(form, place));
    form.querySelectorAll("[data-rows]").forEach(showColumns);
  };
  let waiting = 0;
  const soon = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(again);
  };
  form.addEventListener("input", soon);
  form.addEventListener("put", soon);
  again();
}

function showParts(form, place) {
  const texts = place.dataset.parts.split(" ").map((name) => form.elements.namedItem(name)?.value ?? "");
  const sum = sumOf(texts);
  place.hidden = sum === null;
  place.querySelector("b").textContent = sum ?? "";
}

function showColumns(table) {
  const columns = new Map();
  const filled = new Set();
  for (const cell of table.querySelectorAll("td.cell > input, td.cell > select")) {
    const text = cell.value;
    if (text.trim() !== "") {
      const [, row, column] = cell.name.split(".");
      filled.add(row);
      if (!columns.has(column)) {
        columns.set(column, []);
      }
      columns.get(column).push(text);
    }
  }
  for (const place of table.querySelectorAll("[data-sum]")) {
    place.textContent = sumOf(columns.get(place.dataset.sum) ?? []) ?? "";
  }
  const count = table.querySelector("[data-count]");
  if (count) {
    count.textContent = count.textContent.replace(/\d+/, String(filled.size));
  }
}

/** The sum of the figures among some texts, for people to read; null where there is none. */
export function sumOf(texts) {
  const values = texts.map(exact).filter((value) => value !== null);
  return values.length ? shown(values.reduce((sum, value) => sum + value, 0n)) : null;
}

function exact(text) {
  const plain = text.normalize("NFKC").replace(/[,\s]/g, "");
  const match = /^\+?(\d{0,15})(?:\.(\d{0,6}))?$/.exec(plain);
  if (!match || plain === "" || plain === "." || plain === "+") {
    return null;
  }
  return BigInt(match[1] || "0") * 10n ** BigInt(SCALE) + BigInt((match[2] ?? "").padEnd(SCALE, "0"));
}

function shown(value) {
  const digits = value.toString().padStart(SCALE + 1, "0");
  const whole = digits.slice(0, -SCALE).replace(/\B(?=(\d{3})+$)/g, ",");
  const part = digits.slice(-SCALE).replace(/0+$/, "");
  return part ? `${whole}.${part}` : whole;
}
