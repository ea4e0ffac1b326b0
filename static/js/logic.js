/** Every decision of the page, without a DOM: readings and answers in, words and states out. */

export const UNKNOWN = "unknown";
export const HOLD_MS = 1000;
export const POLL_MS = 500;
const SLOWEST_MS = 15000;
const STALE_MS = 4000;
const UNSURE_BELOW = 0.45;

const WORDS = {
  angry: "angry",
  disgust: "disgusted",
  fear: "afraid",
  happy: "happy",
  sad: "sad",
  surprise: "surprised",
  neutral: "neutral",
};

const SOURCES = {
  curated: "From our own catalogue",
  spotify: "From Spotify",
  local: "From the music folder of this server",
};

export const wordFor = (emotion) => WORDS[emotion] ?? String(emotion);

export const percent = (share) => `${Math.round(share * 100)}%`;

/** Seconds grow with each failure, so that a dead server is not hammered. */
export const pauseAfter = (failures) => Math.min(POLL_MS * 2 ** failures, SLOWEST_MS);

export const UNSETTLED = Object.freeze({ candidate: null, since: 0, steady: null, changed: false });

/** A mood counts once it has stood for HOLD_MS; `changed` is true for that one reading only. */
export function settle(held, emotion, now) {
  if (emotion !== held.candidate) return { ...held, candidate: emotion, since: now, changed: false };
  const changed = emotion !== held.steady && now - held.since >= HOLD_MS;
  return { ...held, steady: changed ? emotion : held.steady, changed };
}

/** "unknown" leaves the list standing, and so does a mood that already has its list. */
export const wantsMusic = (asked, emotion) => emotion !== UNKNOWN && emotion !== asked;

/** With nobody in view, a click still means the mood whose list is on the page. */
export const moodToAsk = ({ emotion, asked }) => (emotion === UNKNOWN ? asked : emotion);

const LEADS = { hand: "You picked", picture: "The face in your picture looks", camera: "Your face looks" };

const ABSENT = { starting: "Looking for a face …", paused: "Camera is paused", lost: "No camera right now" };

export function moodWords({ emotion, confidence, from, absent }) {
  if (emotion === UNKNOWN) return { lead: "", word: ABSENT[absent] ?? "Nobody in view", sure: "" };
  const word = wordFor(emotion);
  if (from === "hand" || confidence == null) return { lead: LEADS[from], word, sure: "" };
  const perhaps = confidence < UNSURE_BELOW ? " perhaps" : "";
  return { lead: LEADS[from] + perhaps, word, sure: percent(confidence) };
}

export const moodSentence = (mood) => {
  const { lead, word } = moodWords(mood);
  return [lead, word].filter(Boolean).join(" ");
};

export function barsFor(scores, labels) {
  const known = scores && labels.some((label) => scores[label] > 0);
  const top = known ? Math.max(...labels.map((label) => scores[label] ?? 0)) : 0;
  return labels.map((label) => {
    const value = known ? (scores[label] ?? 0) : 0;
    return { label, value, text: known ? percent(value) : "–", leads: known && value === top };
  });
}

export function cameraStatus({ emotion, faces, age_ms: age }) {
  if (age > STALE_MS) return { state: "lost", sentence: "The picture stands still. Waiting for the camera …" };
  if (emotion === UNKNOWN && !faces?.length) return { state: "empty", sentence: "Camera is live. Nobody in view." };
  if (faces?.length > 1) return { state: "live", sentence: `Camera is live. ${faces.length} faces in view.` };
  return { state: "live", sentence: "Camera is live." };
}

export const cameraTrouble = (message) => ({ state: "lost", sentence: `${message} Trying again …` });

export function pictureSentence({ faces, mood }) {
  if (!faces.length || mood.emotion === UNKNOWN) {
    return "No face found in this picture. A face seen from the front in good light works best. You can also pick your mood by hand.";
  }
  const found = faces.length === 1 ? "One face found. It looks" : `${faces.length} faces found. The mood that counts:`;
  return `${found} ${wordFor(mood.emotion)} (${percent(mood.confidence)}).`;
}

export const tooLargeToSend = (bytes, most) => bytes > most;

const STATUS_SENTENCES = {
  413: "This picture is too large. Please try a smaller one.",
  415: "This file is not a picture that Moodwave can read. JPEG, PNG and WebP work.",
  429: "That was a lot at once. Please wait a moment.",
  503: "This part of Moodwave is not available right now.",
};

export const troubleSentence = (status, body) =>
  body?.error?.message || STATUS_SENTENCES[status] || "Something went wrong on the server. Please try again.";

export const sourceLine = (source) => (source ? (SOURCES[source] ?? `From ${source}`) : "");

export const attribution = (source) => (source === "spotify" ? "Titles and artists provided by Spotify." : "");

export function planLine(plan) {
  const words = [...new Set((plan?.steps ?? []).map((step) => step.word).filter(Boolean))];
  return words.length ? `The way: ${words.join(" → ")}` : "";
}

export const listSentence = (tracks, plan) =>
  tracks.length ? `${tracks.length} tracks for “${wordFor(plan?.emotion)}”.` : "No tracks came back. Please ask for another list.";

const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });

/** The catalogue may say "pt" or "Portuguese"; English goes without saying, and "zxx" is ISO's word for no words. */
export function languageName(language) {
  if (language === "zxx") return "instrumental";
  if (!language || /^en(glish|[-_]|$)/i.test(language)) return "";
  return /^[a-z]{2,3}(-[a-z]{2,4})?$/i.test(language) ? nameOfCode(language) : language;
}

function nameOfCode(code) {
  try {
    return names.of(code);
  } catch {
    return code;
  }
}

export const trackFacts = (track) => [track.artist, track.year, languageName(track.language)].filter(Boolean).join(" · ");

const within = (url, start) => typeof url === "string" && url.startsWith(start);

/** Only Spotify's own player gets into a frame, whatever an answer says. */
export const playable = (track) => within(track.embed_url, "https://open.spotify.com/embed/");

export const linkable = (track) => within(track.url, "https://") || within(track.url, "/");

export const linkWords = (track) => (within(track.url, "https://open.spotify.com/") ? "Open in Spotify" : "Open");
