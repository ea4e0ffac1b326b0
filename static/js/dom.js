/** The few DOM helpers that every part shares. */

export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

export function makeSvg(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** Writing the same text again would make screen readers repeat it. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function say(sentence) {
  write(document.getElementById("announcer"), sentence);
}

/** Verbs bubble up to the page, which owns every decision. */
export function ask(root, verb, detail = {}) {
  root.dispatchEvent(new CustomEvent(verb, { bubbles: true, detail }));
}

export function press(buttons, isPressed) {
  for (const button of buttons) button.setAttribute("aria-pressed", String(isPressed(button)));
}
