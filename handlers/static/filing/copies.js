// Copies of what was typed and not yet saved, on this device only: one per open page, under the submission's opaque id,
// with the draft version the page was opened at. A copy goes when the server has it, when the return is sent, or after
// sixty days.
const PREFIX = "zhibao.kept.";
const LONGEST = 60 * 24 * 3600 * 1000;

/** Keep what a page holds; false where the device takes no more, or keeps nothing at all. */
export function keepCopy(submission, page, copy) {
  try {
    localStorage.setItem(`${PREFIX}${submission}.${page}`, JSON.stringify(copy));
    return true;
  } catch {
    return false;
  }
}

export function dropCopy(submission, page) {
  try {
    localStorage.removeItem(`${PREFIX}${submission}.${page}`);
  } catch {
    // a browser that keeps nothing has nothing to drop
  }
}

/** Nothing of a submission stays on this device. */
export function dropAll(submission) {
  names().filter((name) => name.startsWith(`${PREFIX}${submission}.`)).forEach((name) => localStorage.removeItem(name));
}

/** The copies that other pages of a submission left, newest first, without those that are still open somewhere. */
export async function leftCopies(submission, page) {
  const open = await openPages();
  const found = [];
  for (const name of names()) {
    const copy = read(name);
    if (copy === null || Date.now() - copy.at > LONGEST) {
      localStorage.removeItem(name);
    } else if (name.startsWith(`${PREFIX}${submission}.`) && !name.endsWith(`.${page}`) && !open.has(name)) {
      found.push({ ...copy, page: name.slice(name.lastIndexOf(".") + 1) });
    }
  }
  return found.sort((one, other) => other.at - one.at);
}

/** Say, as long as this page is open, that it is: its copy is nobody's to take over. */
export function stayOpen(submission, page) {
  navigator.locks?.request(`${PREFIX}${submission}.${page}`, () => new Promise(() => {})).catch(() => {});
}

async function openPages() {
  try {
    const { held } = await navigator.locks.query();
    return new Set(held.map((lock) => lock.name));
  } catch {
    return new Set();
  }
}

function names() {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function read(name) {
  try {
    const copy = JSON.parse(localStorage.getItem(name));
    return copy && typeof copy.values === "object" && typeof copy.at === "number" ? copy : null;
  } catch {
    return null;
  }
}
