/** The header's wave takes the shape of the mood. */

import { ease, wavePath } from "./waves.js";

const SIZE = { width: 1200, height: 100, points: 240 };
const GLIDE_MS = 900;

export function mountWave(root) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const [echo, line] = root.querySelectorAll("path");
  let from = "unknown";
  let to = "unknown";
  let began = 0;
  let gliding = false;

  function draw(mix) {
    line.setAttribute("d", wavePath({ ...SIZE, from, to, mix }));
    echo.setAttribute("d", wavePath({ ...SIZE, from, to, mix: mix * 0.6 }));
  }

  function step(now) {
    const mix = calm.matches ? 1 : ease((now - began) / GLIDE_MS);
    draw(mix);
    gliding = mix < 1;
    if (gliding) requestAnimationFrame(step);
  }

  root.addEventListener("mood", ({ detail }) => {
    if (detail.emotion === to) return;
    [from, to, began] = [to, detail.emotion, performance.now()];
    if (!gliding) requestAnimationFrame(step);
    gliding = true;
  });
  draw(1);
}
