/** What the music should do with the mood. Takes `wish`, `tracks`; asks `pickWish`. */

import { ask, press } from "./dom.js";

export function mountWish(root) {
  const buttons = [...root.querySelectorAll(".wish-button")];
  const show = (wish) => press(buttons, (button) => button.dataset.wish === wish);

  for (const button of buttons) {
    button.addEventListener("click", () => ask(root, "pickWish", { wish: button.dataset.wish }));
  }
  root.addEventListener("wish", ({ detail }) => show(detail.wish));
  root.addEventListener("tracks", ({ detail }) => show(detail.plan?.wish));
}
