// What the scripts say, in the language of the page: the texts stand in the page, with {gaps}.
export function word(name, gaps = {}) {
  const found = document.querySelector(`#words [data-word="${name}"]`);
  const text = found ? found.textContent : "";
  return text.replace(/\{(\w+)\}/g, (_all, gap) => String(gaps[gap] ?? ""));
}

/** Say something that was just done, beside the buttons. */
export function tell(text) {
  const line = document.getElementById("told");
  if (line) {
    line.textContent = text;
    line.hidden = !text;
  }
}
