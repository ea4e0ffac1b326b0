/** Mood by hand. Takes `mood`; asks `pickMood`, `followCamera`. */

import { ask, press } from "./dom.js";
import { wavePath } from "./waves.js";

export function mountHand(root) {
  const buttons = [...root.querySelectorAll(".hand-mood")];
  const follow = root.querySelector(".hand-follow");

  for (const button of buttons) {
    const { emotion } = button.dataset;
    button.querySelector("path").setAttribute("d", wavePath({ from: emotion, width: 48, height: 20 }));
    button.addEventListener("click", () => ask(root, "pickMood", { emotion }));
  }
  follow?.addEventListener("click", () => {
    ask(root, "followCamera");
    // The button vanishes under the finger; the keyboard's place must not vanish with it.
    buttons[0].focus();
  });
  root.addEventListener("mood", ({ detail }) => {
    press(buttons, (button) => detail.from === "hand" && button.dataset.emotion === detail.emotion);
    if (follow) follow.hidden = detail.from === "camera";
  });
}
