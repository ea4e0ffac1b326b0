/** Says the mood in words and shows the seven scores. Takes `mood`. */

import { write } from "./dom.js";
import { barsFor, moodWords } from "./logic.js";

export function mountMood(root) {
  const lead = root.querySelector(".mood-lead");
  const word = root.querySelector(".mood-word");
  const sure = root.querySelector(".mood-sure");
  const rows = [...root.querySelectorAll(".mood-bars li")];
  const labels = rows.map((row) => row.dataset.emotion);

  function showBar(row, bar) {
    row.style.setProperty("--share", bar.value);
    write(row.querySelector(".mood-percent"), bar.text);
    row.classList.toggle("leads", bar.leads);
  }

  root.addEventListener("mood", ({ detail }) => {
    const words = moodWords(detail);
    write(lead, words.lead);
    write(word, words.word);
    write(sure, words.sure);
    word.dataset.emotion = detail.emotion;
    barsFor(detail.scores, labels).forEach((bar, index) => showBar(rows[index], bar));
  });
}
