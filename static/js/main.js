/** Ties the parts together: verbs come up here, nouns go down from here, decisions are in logic.js. */

import { getTracks, latest, sendPicture } from "./api.js";
import { mountCamera } from "./camera.js";
import { say } from "./dom.js";
import { mountHand } from "./hand.js";
import { UNSETTLED, cameraStatus, cameraTrouble, moodSentence, moodToAsk, pictureSentence, settle, tooLargeToSend, UNKNOWN, wantsMusic } from "./logic.js";
import { mountMood } from "./mood.js";
import { mountPlayer } from "./player.js";
import { mountTracks } from "./tracks.js";
import { mountUpload } from "./upload.js";
import { createWatch } from "./watch.js";
import { mountWave } from "./wave.js";
import { mountWish } from "./wish.js";

const MOUNTS = { wave: mountWave, camera: mountCamera, mood: mountMood, hand: mountHand, upload: mountUpload, wish: mountWish, tracks: mountTracks, player: mountPlayer };

const page = document.body;
const parts = [...page.querySelectorAll("[data-part]")];
const hasCamera = page.querySelector(".camera-stream") !== null;

const state = { from: hasCamera ? "camera" : "hand", emotion: UNKNOWN, asked: null, wish: null, held: UNSETTLED, paused: false, camera: null, turn: 0 };

function tell(noun, detail = {}) {
  for (const part of parts) part.dispatchEvent(new CustomEvent(noun, { detail }));
}

const askServer = latest(getTracks);
const readPicture = latest(sendPicture);

async function askMusic() {
  const emotion = moodToAsk(state);
  if (!emotion) return;
  state.asked = emotion;
  tell("asking");
  const { late, error, value } = await askServer(emotion, state.wish);
  if (late) return;
  if (error) tell("trouble", { sentence: error.message });
  else tell("tracks", value);
}

function setMood(mood) {
  state.from = mood.from;
  state.emotion = mood.emotion;
  page.dataset.mood = mood.emotion;
  tell("mood", mood);
}

function showNobody(absent) {
  if (state.from === "camera") setMood({ from: "camera", emotion: UNKNOWN, scores: null, absent });
}

function showCamera(camera) {
  const known = camera.state === state.camera;
  state.camera = camera.state;
  tell("camera", camera);
  if (["lost", "paused", "starting"].includes(camera.state)) showNobody(camera.state);
  if (!known && camera.state === "lost") say(camera.sentence);
}

function onReading(reading) {
  showCamera(cameraStatus(reading));
  if (state.from !== "camera" || state.camera === "lost") return;
  const mood = { ...reading, from: "camera" };
  setMood(mood);
  state.held = settle(state.held, reading.emotion, performance.now());
  if (!state.held.changed) return;
  say(moodSentence(mood));
  if (wantsMusic(state.asked, reading.emotion)) askMusic();
}

const watch = createWatch({ onReading, onTrouble: (message) => showCamera(cameraTrouble(message)) });

function runCamera() {
  if (!hasCamera) return;
  const idle = state.paused ? "paused" : document.hidden && "hidden";
  if (idle) {
    watch.stop();
    return showCamera({ state: idle, sentence: idle === "paused" ? "The camera is paused." : "" });
  }
  showCamera({ state: "starting", sentence: "Starting the camera …" });
  watch.start();
}

function pause(paused) {
  state.paused = paused;
  runCamera();
}

function pickMood({ emotion }) {
  state.turn += 1;
  const mood = { from: "hand", emotion, scores: null, confidence: null };
  setMood(mood);
  say(moodSentence(mood));
  askMusic();
}

function followCamera() {
  state.turn += 1;
  Object.assign(state, { from: "camera", held: UNSETTLED });
  showNobody("starting");
  if (state.paused) pause(false);
}

function pickWish({ wish }) {
  state.wish = wish;
  tell("wish", { wish });
  askMusic();
}

async function analyzePicture({ file }) {
  state.turn += 1;
  const { turn } = state;
  if (tooLargeToSend(file.size, Number(page.dataset.maxUpload))) return tell("picture", { state: "trouble", sentence: "This file is too large to send. Please try a smaller picture." });
  tell("picture", { state: "asking", sentence: "Reading your picture …" });
  const { late, error, value } = await readPicture(file);
  if (late) return;
  if (error) return tell("picture", { state: "trouble", sentence: error.message });
  const found = value.mood.emotion !== UNKNOWN;
  tell("picture", { state: found ? "ready" : "empty", sentence: pictureSentence(value), faces: value.faces });
  // A mood that was picked while the picture travelled is newer than the picture's.
  if (!found || turn !== state.turn) return;
  setMood({ ...value.mood, from: "picture" });
  askMusic();
}

const VERBS = {
  pauseCamera: () => pause(true),
  resumeCamera: () => pause(false),
  pickMood,
  followCamera,
  pickWish,
  analyzePicture,
  askAgain: askMusic,
  playTrack: ({ track }) => tell("playing", { track }),
  stopTrack: () => tell("playing", { track: null }),
};

for (const part of parts) MOUNTS[part.dataset.part](part);
for (const [verb, act] of Object.entries(VERBS)) page.addEventListener(verb, ({ detail }) => act(detail));
document.addEventListener("visibilitychange", runCamera);
runCamera();
