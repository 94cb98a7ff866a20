// Saving by itself: quietly while one types, once more with a fresh check code when the session has expired, later when
// the line is down. What is not saved yet is kept on the device, and offered when somebody comes back.
import { dropCopy, keepCopy, leftCopies, stayOpen } from "./copies.js";
import { differences, putBack, unlike, valuesOf } from "./holding.js";
import { tell, word } from "./words.js";

const IDLE = 2500;
const APART = 8000;
const RETRY = 10000;
const COPY_AFTER = 250;
const FRESH = 10 * 60 * 1000;

export function watchSaving(form) {
  const saving = new Saving(form);
  saving.begin();
}

class Saving {
  constructor(form) {
    this.form = form;
    this.submission = form.dataset.submission;
    this.page = [...crypto.getRandomValues(new Uint8Array(12))].map((one) => one.toString(16).padStart(2, "0")).join("");
    this.quiet = form.dataset.conflict !== "1";
    this.stored = form.dataset.unsaved === "1" || !this.quiet ? {} : valuesOf(form);
    this.running = null;
    this.passing = false;
    this.lastSave = 0;
    this.lastHeard = Date.now();
    this.timers = {};
  }

  begin() {
    const name = Object.assign(document.createElement("input"), { type: "hidden", name: "page", value: this.page });
    this.form.append(name);
    stayOpen(this.submission, this.page);
    const changed = () => this.changed();
    this.form.addEventListener("input", changed);
    this.form.addEventListener("change", changed);
    this.form.addEventListener("put", changed);
    this.form.addEventListener("submit", (event) => this.sending(event));
    document.addEventListener("submit", (event) => this.leaving(event));
    window.addEventListener("online", () => this.isBehind() && this.save());
    window.addEventListener("pagehide", () => this.copy());
    document.addEventListener("visibilitychange", () => document.hidden && this.copy());
    if (this.isBehind()) {
      this.changed();
    }
    this.offerCopies();
  }

  isBehind() {
    return differences(this.stored, valuesOf(this.form)).length > 0;
  }

  changed() {
    this.later("copy", COPY_AFTER, () => this.copy() && this.untold());
    if (this.quiet) {
      const wait = Math.max(IDLE, this.lastSave + APART - Date.now());
      this.later("save", wait, () => this.isBehind() && this.save());
    }
  }

  /** Say that there is something to save, unless it is said already why it is not. */
  untold() {
    if (!this.running && !["offline", "failing", "conflict", "closed"].includes(this.shown)) {
      this.state("unsaved");
    }
  }

  later(name, wait, act) {
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(act, wait);
  }

  /** Keep on the device what the server does not have yet; whether there is anything. */
  copy() {
    const values = valuesOf(this.form);
    const changed = differences(this.stored, values);
    if (!changed.length || this.passing) {
      return false;
    }
    const version = this.form.elements.draft_version.value;
    if (!keepCopy(this.submission, this.page, { at: Date.now(), version, values, changed })) {
      tell(word("no-room"));
    }
    return true;
  }

  /** Save now; "saved", or what keeps it from being saved. One at a time. */
  save() {
    this.running = this.running ?? this.saveOnce().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  async saveOnce() {
    clearTimeout(this.timers.save);
    this.copy();
    this.state("saving");
    const values = valuesOf(this.form);
    const answer = await this.ask(new FormData(this.form), true);
    this.lastSave = Date.now();
    if (answer.problem === "") {
      this.lastHeard = Date.now();
      this.form.elements.draft_version.value = String(answer.version);
      this.stored = values;
      const came = answer.came ? this.takeIn(answer) : false;
      if (this.isBehind()) {
        this.copy();
        this.changed();
      } else {
        dropCopy(this.submission, this.page);
      }
      this.state("saved", { time: answer.saved_at });
      return came ? "came" : "saved";
    }
    this.copy();
    if (["offline", "failing"].includes(answer.problem)) {
      this.later("save", RETRY, () => this.isBehind() && this.save());
    } else {
      this.quiet = false;
    }
    this.state(answer.problem, { text: answer.text ?? "" });
    return answer.problem;
  }

  /** Put in what colleagues filled meanwhile, in sections that were not touched here. */
  takeIn(answer) {
    const values = { ...this.stored };
    answer.gone.forEach((name) => delete values[name]);
    Object.assign(values, answer.came);
    putBack(this.form, { values, changed: [...answer.gone, ...Object.keys(answer.came)] });
    this.stored = valuesOf(this.form);
    tell(word("came", { by: answer.by, count: Object.keys(answer.came).length }));
    return true;
  }

  async ask(data, again) {
    let response;
    try {
      response = await fetch(`${this.form.dataset.keep}`, { method: "POST", body: new URLSearchParams(data), credentials: "same-origin", redirect: "manual" });
    } catch {
      return { problem: "offline" };
    }
    if (response.status === 400 && again && (await this.refresh())) {
      data.set("csrf_token", this.form.elements.csrf_token.value);
      return this.ask(data, false);
    }
    const isOurs = (response.headers.get("Content-Type") ?? "").startsWith("application/json");
    const said = isOurs ? await response.json().catch(() => ({})) : {};
    return response.ok && isOurs ? { problem: "", ...said } : { ...said, problem: said.problem ?? "failing" };
  }

  /** A fresh check code, from a fresh page: the session had expired. */
  async refresh() {
    try {
      const response = await fetch(this.form.dataset.page, { credentials: "same-origin", cache: "no-store" });
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      const code = fresh.querySelector("input[name=csrf_token]")?.value;
      if (!response.ok || !code) {
        return false;
      }
      document.querySelectorAll("input[name=csrf_token]").forEach((input) => {
        input.value = code;
      });
      return true;
    } catch {
      return false;
    }
  }

  /** Whether a press may not get through: the line is down, or the page is old enough for its session to be over. */
  isDoubtful() {
    const isDown = !navigator.onLine || ["offline", "failing"].includes(this.shown);
    return this.quiet && (isDown || Date.now() - this.lastHeard > FRESH);
  }

  /** A button was pressed. In doubt it is first saved quietly, so that a lost line or an expired session costs nothing. */
  async sending(event) {
    this.copy();
    if (this.passing || !this.isDoubtful()) {
      this.passing = true;
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    if (this.waiting) {
      return;
    }
    this.waiting = true;
    await this.running;
    const outcome = await this.save();
    this.waiting = false;
    if (["offline", "failing"].includes(outcome)) {
      tell(word("not-sent"));
    } else if (outcome !== "came") {
      this.passing = true;
      this.form.requestSubmit(button);
    }
  }

  /** Another form of the page is sent, an answer or a handover: what was typed is saved before the page goes. */
  async leaving(event) {
    const other = event.target;
    if (other === this.form || other.dataset.passing || !this.quiet || !this.isBehind()) {
      return;
    }
    event.preventDefault();
    await this.running;
    const outcome = await this.save();
    if (["offline", "failing"].includes(outcome)) {
      tell(word("not-sent"));
      return;
    }
    other.dataset.passing = "1";
    other.requestSubmit(event.submitter);
  }

  state(name, gaps = {}) {
    this.shown = name;
    const line = document.getElementById("state");
    line.textContent = word(name, gaps);
    line.className = `quiet state ${name}`;
    document.querySelectorAll("[data-saved]").forEach((stale) => stale.remove());
  }

  async offerCopies() {
    const copies = (await leftCopies(this.submission, this.page)).filter((copy) => {
      const count = unlike(this.form, copy);
      if (!count) {
        dropCopy(this.submission, copy.page);
      }
      return count > 0;
    });
    const [copy] = copies;
    if (!copy) {
      return;
    }
    if (String(copy.version) === this.form.elements.draft_version.value && this.quiet) {
      this.restore(copy);
    } else {
      this.offer(copy);
    }
  }

  /** Nobody saved since: what was typed is put back as it was, and can be left again. */
  restore(copy) {
    const before = valuesOf(this.form);
    const count = unlike(this.form, copy);
    putBack(this.form, copy);
    this.copy();
    dropCopy(this.submission, copy.page);
    this.box("restored", copy, count, {
      leave: () => putBack(this.form, { values: before, changed: differences(before, valuesOf(this.form)) }),
    });
  }

  /** Something else was saved since: he says whether what was typed here counts. */
  offer(copy) {
    this.box("offer", copy, unlike(this.form, copy), {
      take: () => {
        putBack(this.form, copy);
        this.copy();
        tell(word("taken-back"));
      },
      leave: () => tell(""),
      after: () => {
        dropCopy(this.submission, copy.page);
        this.offerCopies();
      },
    });
  }

  box(name, copy, count, { take = null, leave, after = () => {} }) {
    const box = document.getElementById("offer");
    const time = new Date(copy.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    box.querySelector("[data-text]").textContent = word(name, { time, count });
    box.querySelector("[data-take]").hidden = take === null;
    box.hidden = false;
    const pressed = (act) => () => {
      box.hidden = true;
      act();
      after();
    };
    box.querySelector("[data-take]").onclick = pressed(take ?? (() => {}));
    box.querySelector("[data-leave]").onclick = pressed(leave);
  }
}
