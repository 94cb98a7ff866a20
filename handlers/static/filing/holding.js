// What a page holds, as one list of names and texts, and how it is put back.
import { addRow } from "./rows.js";
import { put } from "./sheet.js";

const BESIDE = new Set(["csrf_token", "draft_version", "blank", "page", "section_state"]);

/** Name → text of every input that says something. */
export function valuesOf(form) {
  const values = {};
  for (const [name, text] of new FormData(form)) {
    if (!BESIDE.has(name) && typeof text === "string" && text !== "") {
      values[name] = text;
    }
  }
  return values;
}

/** The names whose text differs between two lists. */
export function differences(one, other) {
  const all = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...all].filter((name) => (one[name] ?? "") !== (other[name] ?? ""));
}

/** How many texts of a copy the page does not hold; the rows of a table are compared in order, whatever their numbers. */
export function unlike(form, copy) {
  return differences(compact(form, valuesOf(form)), compact(form, wanted(form, copy))).length;
}

/** Put back what a copy has: lines that were changed in it, and any table that was, as a whole. */
export function putBack(form, copy) {
  const values = wanted(form, copy);
  const tables = [...form.querySelectorAll("[data-rows]")];
  for (const table of tables.filter((one) => touched(one, copy))) {
    putRows(table, rowsIn(values, table.dataset.rows));
  }
  for (const element of form.elements) {
    const isOwn = element.name && !BESIDE.has(element.name) && element.type !== "submit";
    if (isOwn && !element.closest("[data-rows]") && element.value !== (values[element.name] ?? "")) {
      put(element, values[element.name] ?? "");
    }
  }
}

/** The page's values with what was changed in the copy laid over them. */
function wanted(form, copy) {
  const values = valuesOf(form);
  const tables = [...form.querySelectorAll("[data-rows]")].filter((table) => touched(table, copy));
  const isOfTable = (name) => tables.some((table) => name.startsWith(`${table.dataset.rows}.`));
  Object.keys(values).filter(isOfTable).forEach((name) => delete values[name]);
  Object.keys(copy.values).filter(isOfTable).forEach((name) => {
    values[name] = copy.values[name];
  });
  for (const name of copy.changed.filter((one) => !isOfTable(one))) {
    if (copy.values[name] === undefined) {
      delete values[name];
    } else {
      values[name] = copy.values[name];
    }
  }
  return values;
}

function touched(table, copy) {
  return copy.changed.some((name) => name.startsWith(`${table.dataset.rows}.`));
}

/** The same values with the rows of each table numbered without gaps. */
function compact(form, values) {
  const plain = { ...values };
  for (const table of form.querySelectorAll("[data-rows]")) {
    const key = table.dataset.rows;
    Object.keys(plain).filter((name) => name.startsWith(`${key}.`)).forEach((name) => delete plain[name]);
    rowsIn(values, key).forEach((row, index) => {
      Object.entries(row).forEach(([column, text]) => {
        plain[`${key}.${index + 1}.${column}`] = text;
      });
    });
  }
  return plain;
}

/** The rows of a table in the order of their numbers: column → text. */
function rowsIn(values, key) {
  const rows = new Map();
  for (const [name, text] of Object.entries(values)) {
    const [table, number, column] = name.split(".");
    if (table === key && column && text.trim()) {
      rows.set(Number(number), { ...rows.get(Number(number)), [column]: text });
    }
  }
  return [...rows.entries()].sort(([one], [other]) => one - other).map(([, row]) => row);
}

function putRows(table, rows) {
  const bodies = () => [...table.querySelector("table.grid").tBodies];
  while (bodies().length < rows.length && addRow(table)) {
    // as many rows as the copy has
  }
  bodies().forEach((body, index) => {
    for (const cell of body.querySelectorAll("td.cell :is(input, select)")) {
      const text = rows[index]?.[cell.name.split(".")[2]] ?? "";
      if (cell.value !== text) {
        offer(cell, text);
        put(cell, text);
      }
    }
  });
}

/** A list takes back even what is none of its options: the server says so, and nothing is lost. */
function offer(cell, text) {
  if (cell instanceof HTMLSelectElement && ![...cell.options].some((option) => option.value === text)) {
    cell.add(new Option(text, text));
  }
}
