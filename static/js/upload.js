/** A picture from a file or a drop. Takes `picture`; asks `analyzePicture`. */

import { ask, makeSvg, write } from "./dom.js";

export function mountUpload(root) {
  const file = root.querySelector(".upload-file");
  const drop = root.querySelector(".upload-drop");
  const preview = root.querySelector(".upload-preview");
  const picture = preview.querySelector("img");
  const marks = preview.querySelector("svg");
  const message = root.querySelector(".message");

  function show(chosen) {
    const address = URL.createObjectURL(chosen);
    const done = () => URL.revokeObjectURL(address);
    marks.replaceChildren();
    preview.hidden = true;
    picture.onload = () => {
      preview.hidden = false;
      done();
    };
    picture.onerror = done;
    picture.src = address;
  }

  function take(files) {
    if (!files.length) return;
    show(files[0]);
    ask(root, "analyzePicture", { file: files[0] });
  }

  async function mark(faces) {
    await picture.decode().catch(() => {});
    marks.setAttribute("viewBox", `0 0 ${picture.naturalWidth} ${picture.naturalHeight}`);
    marks.replaceChildren(...faces.map(({ box: [x, y, width, height] }) => makeSvg("rect", { x, y, width, height, rx: width / 12 })));
  }

  file.addEventListener("change", () => {
    take(file.files);
    // Choosing the same file once more must count as a change.
    file.value = "";
  });
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragenter" || kind === "dragover");
    });
  }
  drop.addEventListener("drop", (event) => take(event.dataTransfer.files));
  root.addEventListener("picture", ({ detail }) => {
    write(message, detail.sentence);
    message.dataset.state = detail.state;
    if (detail.faces) mark(detail.faces);
  });
}
