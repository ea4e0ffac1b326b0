/** One Spotify player, loaded only after a click. Takes `playing`; asks `stopTrack`. */

import { ask, make, say } from "./dom.js";
import { linkWords, linkable } from "./logic.js";

function frame(track) {
  return make("iframe", {
    class: "player-frame",
    src: track.embed_url,
    title: `Spotify player: ${track.title} by ${track.artist}`,
    height: "152",
    loading: "lazy",
    allow: "autoplay; clipboard-write; encrypted-media; fullscreen; picture-in-picture",
  });
}

function foot(track) {
  if (!linkable(track)) return make("p", { class: "small" }, "This player comes from Spotify.");
  const link = make("a", { href: track.url, target: "_blank", rel: "noopener" }, linkWords(track));
  return make("p", { class: "small" }, "This player comes from Spotify. It stays empty? ", link);
}

export function mountPlayer(root) {
  const close = make("button", { class: "button", type: "button", "aria-label": "Close player" }, "Close");
  close.addEventListener("click", () => ask(root, "stopTrack"));

  root.addEventListener("playing", ({ detail: { track } }) => {
    root.hidden = !track;
    if (!track) return root.replaceChildren();
    const head = make("div", { class: "player-head" }, make("p", {}, `${track.title} by ${track.artist}`), close);
    root.replaceChildren(head, frame(track), foot(track));
    root.scrollIntoView({ block: "nearest" });
    say(`Player opened: ${track.title} by ${track.artist}`);
  });
}
