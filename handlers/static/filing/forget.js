// The return was sent: nothing of it stays on this device.
import { dropAll } from "./copies.js";

document.querySelectorAll("[data-forget]").forEach((element) => dropAll(element.dataset.forget));
