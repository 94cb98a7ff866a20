// The keyboard as in a spreadsheet: arrows, Enter and Shift+Enter; Tab is the browser's own. Ctrl+Z takes back one paste
// or one removal of a row; what was typed is taken back by the browser.
import { addRow, isFilled } from "./rows.js";
import { goTo, isCell, placeOf } from "./sheet.js";
import { takeBack } from "./undo.js";

export function watchKeys(form) {
  form.addEventListener("keydown", (event) => {
    if (event.isComposing || !isCell(event.target)) {
      return;
    }
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") {
      if (takeBack()) {
        event.preventDefault();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const step = stepOf(event);
    if (step) {
      event.preventDefault();
      move(event.target, step, event.key === "Enter" && !event.shiftKey);
    }
  });
}

/** Rows and columns to go, or nothing where the key belongs to the cell itself. */
function stepOf(event) {
  const cell = event.target;
  const isList = cell instanceof HTMLSelectElement;
  switch (event.key) {
    case "Enter":
      return [event.shiftKey ? -1 : 1, 0];
    case "ArrowUp":
      return isList || cell.list ? null : [-1, 0];
    case "ArrowDown":
      return isList || cell.list ? null : [1, 0];
    case "ArrowLeft":
      return isList || isAtEdge(cell, 0) ? [0, -1] : null;
    case "ArrowRight":
      return isList || isAtEdge(cell, cell.value.length) ? [0, 1] : null;
    default:
      return null;
  }
}

/** Whether the caret stands at that end, or all of the text is selected. */
function isAtEdge(cell, end) {
  const { selectionStart: from, selectionEnd: to } = cell;
  return (from === end && to === end) || (from === 0 && to === cell.value.length);
}

function move(cell, [down, right], growing) {
  const { rows, row, column } = placeOf(cell);
  const target = rows[row + down]?.[column + right];
  if (target) {
    goTo(target);
    return;
  }
  const body = cell.closest("tbody[data-row]");
  if (growing && body && isFilled(body)) {
    const added = addRow(body.closest("[data-rows]"));
    if (added) {
      goTo(placeOf(cell).rows[row + 1][column]);
    }
  }
}
