// A block copied from a spreadsheet goes into the cells from the one in focus on: columns between tabs, rows between line
// ends. It is told how many cells were taken and what did not fit; nothing is cut or guessed.
import { addRow, dropRow } from "./rows.js";
import { isCell, placeOf, put } from "./sheet.js";
import { remember } from "./undo.js";
import { tell, word } from "./words.js";

const MOST_SAID = 5;

export function watchPaste(form) {
  form.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!isCell(event.target) || !/[\t\n\r]/.test(text.replace(/[\r\n]+$/, ""))) {
      return;
    }
    event.preventDefault();
    const { taken, left, back } = lay(event.target, blockOf(text));
    remember(() => {
      back();
      tell(word("paste-undone"));
    });
    tell(said(taken, left));
  });
}

/** Rows of texts: tabs and line ends part them; a text in quotes may hold both, as spreadsheets write it. */
export function blockOf(text) {
  const rows = [[""]];
  let quoted = false;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  for (let at = 0; at < source.length; at += 1) {
    const sign = source[at];
    const row = rows[rows.length - 1];
    if (quoted) {
      if (sign !== '"') {
        row[row.length - 1] += sign === "\n" ? " " : sign;
      } else if (source[at + 1] === '"') {
        row[row.length - 1] += sign;
        at += 1;
      } else {
        quoted = false;
      }
    } else if (sign === '"' && row[row.length - 1] === "" && closes(source, at)) {
      quoted = true;
    } else if (sign === "\t") {
      row.push("");
    } else if (sign === "\n") {
      rows.push([""]);
    } else {
      row[row.length - 1] += sign;
    }
  }
  return rows;
}

/** Whether a quote has its fellow: an inch mark stays what it is. */
function closes(source, at) {
  return /^"(?:[^"]|"")*"(?:\t|\n|$)/.test(source.slice(at));
}

function lay(first, block) {
  const { rows, row, column } = placeOf(first);
  const table = first.closest("[data-rows]");
  const before = [];
  const added = [];
  const left = [];
  let taken = 0;
  for (const [down, texts] of block.entries()) {
    let cells = rows[row + down];
    if (!cells && table) {
      const body = addRow(table);
      if (body) {
        added.push(body);
        cells = [...body.querySelectorAll("td.cell :is(input, select)")];
        rows.push(cells);
      }
    }
    for (const [right, text] of texts.entries()) {
      const cell = cells?.[column + right];
      const value = cell ? fitting(cell, text.trim()) : null;
      if (value === null) {
        if (text.trim()) {
          left.push(text.trim());
        }
        continue;
      }
      before.push([cell, cell.value]);
      put(cell, value);
      taken += 1;
    }
  }
  const back = () => {
    before.reverse().forEach(([cell, value]) => put(cell, value));
    added.forEach((body) => dropRow(body));
    first.focus();
  };
  return { taken, left, back };
}

/** The value a cell takes for a text; null where it takes none such. */
function fitting(cell, text) {
  if (!(cell instanceof HTMLSelectElement)) {
    return cell.maxLength > 0 && text.length > cell.maxLength ? null : text;
  }
  const plain = text.normalize("NFKC");
  const code = plain.replace(/^0+(?=\d)/, "");
  const found = [...cell.options].find((option) => {
    const name = option.text.trim().normalize("NFKC");
    return option.value === plain || option.value === code || name === plain || nameOf(name) === plain;
  });
  return found ? found.value : null;
}

/** What an option stands for, without its code. */
function nameOf(text) {
  return text.replace(/^\S+\s+/, "");
}

function said(taken, left) {
  const done = word("pasted", { count: taken });
  if (!left.length) {
    return `${done} ${word("undo-hint")}`;
  }
  const few = left.slice(0, MOST_SAID).map((text) => (text.length > 20 ? `${text.slice(0, 20)}…` : text));
  const more = left.length > few.length ? "…" : "";
  return `${done} ${word("not-pasted", { count: left.length, texts: few.join(word("comma")) + more })} ${word("undo-hint")}`;
}
