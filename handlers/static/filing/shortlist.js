// The list of what was found, once more beside the buttons: it stays in sight while one works through the form.
import { word } from "./words.js";

export function showShortList(form) {
  const box = document.getElementById("short");
  const links = [...document.querySelectorAll("main .todo a[href^='#']")].filter((link) => targetOf(form, link));
  if (!box || !links.length) {
    return;
  }
  const places = new Set(links.map((link) => link.closest("li")));
  box.querySelector("summary").textContent = word("short-list", { count: places.size });
  box.querySelector("ul").replaceChildren(...links.map((link) => line(form, link)));
  box.hidden = false;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && box.open) {
      box.open = false;
      box.querySelector("summary").focus();
    }
  });
}

function targetOf(form, link) {
  const found = document.getElementById(decodeURIComponent(link.getAttribute("href").slice(1)));
  return found && form.contains(found) ? found : null;
}

function line(form, link) {
  const item = document.createElement("li");
  const copy = link.cloneNode(true);
  copy.removeAttribute("id");
  copy.addEventListener("click", (event) => {
    event.preventDefault();
    const target = targetOf(form, link);
    target?.focus();
    target?.scrollIntoView({ block: "center", inline: "center" });
  });
  item.append(copy);
  return item;
}
