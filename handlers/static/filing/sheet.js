// The page as a sheet: which cell lies beside which. The lines of a form are one column; a table of rows is a block.
const CELLS = "input:not([type=hidden]), select";

/** Whether an element is a cell of figures or words, not a status, a note or a signature. */
export function isCell(element) {
  return element instanceof HTMLElement && element.matches(CELLS) && element.closest("td.entry, td.cell") !== null;
}

/** The rows of cells of the sheet that a cell lies on. */
export function rowsOf(cell) {
  const grid = cell.closest("table.grid");
  if (grid) {
    return [...grid.tBodies].map((body) => [...body.querySelectorAll(`td.cell :is(${CELLS})`)]);
  }
  return [...cell.form.querySelectorAll(`td.entry :is(${CELLS})`)].map((one) => [one]);
}

/** The sheet of a cell, with the row and the column it stands in. */
export function placeOf(cell) {
  const rows = rowsOf(cell);
  const row = rows.findIndex((cells) => cells.includes(cell));
  return { rows, row, column: rows[row].indexOf(cell) };
}

/** Go to a cell and select what it holds, as a spreadsheet does. */
export function goTo(cell) {
  cell.focus();
  if (cell instanceof HTMLInputElement) {
    cell.select();
  }
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** Put a value where a person would have typed it, and let everybody know. */
export function put(cell, value) {
  cell.value = value;
  cell.dispatchEvent(new CustomEvent("put", { bubbles: true }));
}
