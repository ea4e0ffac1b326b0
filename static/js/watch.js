/** Polls the mood: one request at a time, slower after failures, silent when stopped. */

import { getMood } from "./api.js";
import { pauseAfter } from "./logic.js";

export function createWatch({ onReading, onTrouble }) {
  let round = null;
  let failures = 0;

  async function turn(mine) {
    const outcome = await getMood(mine.signal).then((value) => ({ value }), (error) => ({ error }));
    if (mine !== round) return;
    failures = outcome.error ? failures + 1 : 0;
    setTimeout(() => mine === round && turn(mine), pauseAfter(failures));
    if (outcome.error) onTrouble(outcome.error.message);
    else onReading(outcome.value);
  }

  function stop() {
    round?.abort();
    round = null;
  }

  function start() {
    stop();
    failures = 0;
    round = new AbortController();
    turn(round);
  }

  return { start, stop };
}
