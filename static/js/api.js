/** The server's routes. A failed call throws an Error whose message is a sentence for people. */

import { troubleSentence } from "./logic.js";

const WAIT_MS = { mood: 8000, music: 30000, picture: 45000 };

async function call(url, options, patience) {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(patience)]);
  const answer = await fetch(url, { ...options, signal, cache: "no-store", headers: { Accept: "application/json" } }).catch(() => {
    throw new Error("Moodwave’s server can’t be reached.");
  });
  const body = await answer.json().catch(() => null);
  if (!answer.ok || body === null) throw new Error(troubleSentence(answer.status, body));
  return body;
}

export const getMood = (signal) => call("/api/mood", { signal }, WAIT_MS.mood);

export function getTracks(signal, emotion, wish) {
  const query = new URLSearchParams({ emotion, limit: "8", ...(wish && { wish }) });
  return call(`/api/recommendations?${query}`, { signal }, WAIT_MS.music);
}

export function sendPicture(signal, file) {
  const body = new FormData();
  body.append("image", file);
  return call("/api/analyze", { method: "POST", body, signal }, WAIT_MS.picture);
}

/** A newer call ends the older one; the older one's answer is `{ late: true }`, whatever came back. */
export function latest(task) {
  let current = null;
  return async (...words) => {
    current?.abort();
    const mine = new AbortController();
    current = mine;
    const outcome = await task(mine.signal, ...words).then((value) => ({ value }), (error) => ({ error }));
    return mine === current ? outcome : { late: true };
  };
}
