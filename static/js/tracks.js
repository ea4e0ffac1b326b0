/** The list of tracks. Takes `asking`, `tracks`, `trouble`, `playing`; asks `askAgain`, `playTrack`. */

import { ask, make, write } from "./dom.js";
import { attribution, linkWords, linkable, listSentence, planLine, playable, sourceLine, trackFacts } from "./logic.js";

const nameOf = (track) => `${track.title} by ${track.artist}`;

function openLink(track) {
  const words = linkWords(track);
  return make("a", { class: "track-open", href: track.url, target: "_blank", rel: "noopener", "aria-label": `${words}: ${nameOf(track)}` }, words);
}

function playButton(root, track) {
  const button = make("button", { class: "button track-play", type: "button", "aria-label": `Play here: ${nameOf(track)}` }, "Play here");
  button.addEventListener("click", () => ask(root, "playTrack", { track }));
  return button;
}

function row(root, track) {
  const words = make("div", { class: "track-words" }, make("p", { class: "track-title" }, track.title), make("p", { class: "track-facts" }, trackFacts(track)));
  const item = make("li", { class: "track", "data-testid": "track", "data-player": track.embed_url ?? "" }, words);
  if (linkable(track)) item.append(openLink(track));
  if (playable(track)) item.append(playButton(root, track));
  return item;
}

function show(element, text) {
  write(element, text);
  element.hidden = !text;
}

export function mountTracks(root) {
  const find = (selector) => root.querySelector(selector);
  const [list, again, message, heading] = [find(".tracks-list"), find(".tracks-head .button"), find(".message"), find("h2")];
  let playing = null;

  function markPlaying() {
    for (const item of list.children) item.classList.toggle("plays", playing !== null && item.dataset.player === playing);
  }

  function fill(tracks) {
    const held = list.contains(document.activeElement);
    list.replaceChildren(...tracks.map((track) => row(root, track)));
    if (held) heading.focus();
    markPlaying();
  }

  function settle(state, sentence) {
    list.ariaBusy = String(state === "asking");
    message.dataset.state = state;
    write(message, sentence);
  }

  again.addEventListener("click", () => ask(root, "askAgain"));
  root.addEventListener("asking", () => settle("asking", "Looking for music …"));
  root.addEventListener("trouble", ({ detail }) => {
    settle("trouble", detail.sentence);
    again.hidden = false;
  });
  root.addEventListener("playing", ({ detail }) => {
    playing = detail.track?.embed_url ?? null;
    markPlaying();
    // The button that closed the player is gone, and the keyboard's place with it.
    if (!detail.track) heading.focus();
  });
  root.addEventListener("tracks", ({ detail }) => {
    settle("ready", listSentence(detail.tracks, detail.plan));
    fill(detail.tracks);
    show(find(".tracks-plan"), planLine(detail.plan));
    show(find(".notice"), detail.degraded ? detail.reason || "This list is a stand-in for now." : "");
    write(find(".tracks-source"), [sourceLine(detail.source), attribution(detail.source)].filter(Boolean).join(". "));
    find(".tracks-empty").hidden = true;
    again.hidden = false;
  });
}
