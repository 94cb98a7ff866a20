// The filler's page with scripts: a sheet to type and paste in, sums as one goes, saving by itself. Without scripts the
// same page works by its buttons.
import { watchKeys } from "./keys.js";
import { watchPaste } from "./paste.js";
import { watchRows } from "./rows.js";
import { watchSums } from "./sums.js";
import { watchSaving } from "./saving.js";
import { showShortList } from "./shortlist.js";

const form = document.getElementById("filing");
if (form) {
  watchRows(form);
  watchSums(form);
  watchKeys(form);
  watchPaste(form);
  watchSaving(form);
  showShortList(form);
}
