// One step back for what is no typing: a paste, a row removed. Typing anything ends the chance, so that nothing that was
// typed since is lost with it.
let last = null;

/** Remember how to take back what was just done. */
export function remember(back) {
  last = back;
}

/** Take back the last paste or removal; whether there was one. */
export function takeBack() {
  const back = last;
  last = null;
  if (back) {
    back();
  }
  return back !== null;
}

document.addEventListener("input", (event) => {
  if (event.isTrusted) {
    last = null;
  }
});
