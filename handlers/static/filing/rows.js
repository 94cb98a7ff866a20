// Rows of a table: added, doubled, removed. A row keeps its number until the page is saved, so that what was found about
// it still points at it; the server closes the gaps.
import { put } from "./sheet.js";
import { remember } from "./undo.js";
import { tell, word } from "./words.js";

const STEP = 5;
const CELLS = "td.cell :is(input, select)";

export function watchRows(form) {
  for (const table of form.querySelectorAll("[data-rows]")) {
    table.querySelector("table.grid").classList.add("with-tools");
    bodies(table).forEach((body) => equip(body));
    table.querySelector("button[name=more]").addEventListener("click", (event) => {
      event.preventDefault();
      grow(table);
    });
    table.addEventListener("click", (event) => {
      const tool = event.target instanceof Element ? event.target.closest("button[data-act]") : null;
      if (tool) {
        act(tool.dataset.act, tool.closest("tbody"));
      }
    });
  }
}

/** Whether anything stands in a row. */
export function isFilled(body) {
  return [...body.querySelectorAll(CELLS)].some((cell) => cell.value.trim() !== "");
}

/** An empty row under a row, or at the end; nothing where the table is full, which is told. */
export function addRow(table, after = null) {
  const all = bodies(table);
  if (all.length >= Number(table.dataset.most)) {
    tell(word("no-more-rows", { count: table.dataset.most }));
    return null;
  }
  const body = all[all.length - 1].cloneNode(true);
  number(body, 1 + Math.max(...all.map((one) => Number(one.dataset.row))), table.dataset.rowWord);
  blank(body);
  (after ?? all[all.length - 1]).after(body);
  return body;
}

/** Take a row away; the last one is emptied instead. */
export function dropRow(body) {
  const table = body.closest("[data-rows]");
  if (bodies(table).length === 1) {
    body.querySelectorAll(CELLS).forEach((cell) => put(cell, ""));
  } else {
    body.remove();
  }
  table.dispatchEvent(new CustomEvent("put", { bubbles: true }));
}

function bodies(table) {
  return [...table.querySelector("table.grid").tBodies];
}

function grow(table) {
  let first = null;
  for (let count = 0; count < STEP; count += 1) {
    const body = addRow(table);
    first = first ?? body;
  }
  first?.querySelector(CELLS).focus();
}

function act(name, body) {
  const table = body.closest("[data-rows]");
  if (name === "remove") {
    remove(table, body);
    return;
  }
  const copy = addRow(table, body);
  if (copy) {
    const values = [...body.querySelectorAll(CELLS)].map((cell) => cell.value);
    [...copy.querySelectorAll(CELLS)].forEach((cell, index) => put(cell, values[index]));
    copy.querySelector(CELLS).focus();
    tell(word("row-copied"));
    remember(() => dropRow(copy));
  }
}

function remove(table, body) {
  const all = bodies(table);
  const next = all[all.indexOf(body) + 1] ?? all[all.indexOf(body) - 1];
  const values = [...body.querySelectorAll(CELLS)].map((cell) => [cell, cell.value]);
  const place = body.nextSibling;
  dropRow(body);
  (next ?? body).querySelector(CELLS).focus();
  tell(`${word("row-removed")} ${word("undo-hint")}`);
  remember(() => {
    if (!body.isConnected) {
      place.parentNode.insertBefore(body, place);
    }
    values.forEach(([cell, value]) => put(cell, value));
    body.querySelector(CELLS).focus();
    tell(word("row-back"));
  });
}

/** The buttons of a row, from the template of the page. */
function equip(body) {
  const tools = document.getElementById("row-tools");
  const place = body.querySelector("td.tools");
  if (tools && place) {
    place.replaceChildren(tools.content.cloneNode(true));
    name(body);
  }
}

/** Give every name in a row its new number. */
function number(body, count, rowWord) {
  const old = body.dataset.row;
  body.dataset.row = String(count);
  body.className = "";
  const row = body.querySelector("tr");
  row.id = row.id.replace(/\d+$/, String(count));
  const head = row.querySelector("th.line");
  head.dataset.label = rowWord.replace("{n}", String(count));
  head.firstElementChild.textContent = String(count);
  head.lastElementChild.textContent = head.dataset.label;
  const renumbered = (text) => text.replace(`.${old}.`, `.${count}.`);
  for (const cell of body.querySelectorAll(CELLS)) {
    cell.id = cell.name = renumbered(cell.name);
    const label = rowWord.replace("{n}", old);
    const said = cell.getAttribute("aria-label").replace(label, head.dataset.label);
    cell.setAttribute("aria-label", said.replace(new RegExp(` ${old}$`), ` ${count}`));
  }
  for (const sum of body.querySelectorAll("[data-parts]")) {
    sum.dataset.parts = sum.dataset.parts.replaceAll(`.${old}.`, `.${count}.`);
  }
  name(body);
}

/** The buttons of a row say which row they are of. */
function name(body) {
  const label = body.querySelector("th.line").dataset.label;
  for (const tool of body.querySelectorAll("button[data-act]")) {
    tool.setAttribute("aria-label", `${tool.title} · ${label}`);
  }
}

/** Nothing typed, nothing found, nothing marked. */
function blank(body) {
  body.querySelectorAll("tr.row-why").forEach((row) => row.remove());
  body.querySelectorAll("td.cell").forEach((cell) => cell.classList.remove("wrong", "named", "marked"));
  body.querySelectorAll("[data-parts]").forEach((sum) => {
    sum.hidden = true;
  });
  for (const cell of body.querySelectorAll(CELLS)) {
    cell.removeAttribute("aria-invalid");
    cell.removeAttribute("aria-describedby");
    if (cell instanceof HTMLSelectElement) {
      cell.selectedIndex = 0;
    } else {
      cell.value = "";
      cell.removeAttribute("value");
    }
  }
}
