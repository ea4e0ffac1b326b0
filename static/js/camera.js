/** Shows the live stream. Takes `camera`; asks `pauseCamera`, `resumeCamera`. */

import { ask, write } from "./dom.js";

const REOPEN_MS = 3000;
const WITHOUT_STREAM = ["paused", "hidden"];
const BLANKS = { paused: "Paused. The camera is let go.", hidden: "", lost: "No picture right now." };

export function mountCamera(root) {
  const stream = root.querySelector(".camera-stream");
  if (!stream) return;
  const blank = root.querySelector(".camera-blank");
  const status = root.querySelector(".camera-status");
  const button = root.querySelector("button");
  let state = "starting";
  let openedAt = -Infinity;

  function open() {
    openedAt = performance.now();
    // A new address each time: a browser may otherwise show the broken picture it remembers.
    stream.src = `${stream.dataset.feed}?at=${Math.round(performance.timeOrigin + openedAt)}`;
    stream.hidden = false;
  }

  function close() {
    stream.removeAttribute("src");
    stream.hidden = true;
  }

  const mayReopen = () => performance.now() - openedAt > REOPEN_MS;

  function follow(before) {
    if (WITHOUT_STREAM.includes(state)) return close();
    const closed = !stream.hasAttribute("src");
    // A stream that ended quietly fires no error, so a camera that comes back gets a new one.
    if (closed ? WITHOUT_STREAM.includes(before) || mayReopen() : before === "lost" && state !== "lost") open();
  }

  stream.addEventListener("error", close);
  button.addEventListener("click", () => ask(root, state === "paused" ? "resumeCamera" : "pauseCamera"));
  root.addEventListener("camera", ({ detail }) => {
    const before = state;
    state = detail.state;
    root.dataset.state = state;
    status.dataset.state = state;
    write(status, detail.sentence);
    write(blank, BLANKS[state] ?? "The camera is starting …");
    write(button, state === "paused" ? "Resume" : "Pause");
    follow(before);
  });
}
