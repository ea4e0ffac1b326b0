/** The shape of each mood's wave: pure numbers and path texts, no DOM. */

const TURN = Math.PI * 2;
const sine = (t, cycles) => Math.sin(TURN * cycles * t);
const zigzag = (t, cycles) => (2 / Math.PI) * Math.asin(sine(t, cycles));
const bump = (t, middle, width) => Math.exp(-(((t - middle) / width) ** 2));

const SHAPES = {
  angry: (t) => zigzag(t, 5),
  disgust: (t) => 0.5 * sine(t, 2) - 0.4 * sine(t, 5),
  fear: (t) => (0.2 + 0.5 * t) * sine(t, 9),
  happy: (t) => 0.85 * sine(t, 3),
  sad: (t) => 0.55 * Math.cos(Math.PI * t) + 0.18 * sine(t, 2),
  surprise: (t) => 1.05 * bump(t, 0.5, 0.12) - 0.35 * bump(t, 0.28, 0.09) - 0.35 * bump(t, 0.72, 0.09),
  neutral: (t) => 0.3 * sine(t, 2),
};
const flat = (t) => 0.12 * sine(t, 2);

const shapeOf = (emotion) => SHAPES[emotion] ?? flat;

/** `mix` 0 is all `from`, 1 is all `to`: the header glides from one mood to the next. */
export function wavePath({ from, to = from, mix = 1, width, height, points = 90 }) {
  const swing = height * 0.4;
  const at = (index) => {
    const t = index / points;
    const value = shapeOf(from)(t) * (1 - mix) + shapeOf(to)(t) * mix;
    return `${(t * width).toFixed(1)} ${(height / 2 - value * swing).toFixed(1)}`;
  };
  return `M${Array.from({ length: points + 1 }, (_, index) => at(index)).join("L")}`;
}

export const ease = (t) => 1 - (1 - Math.min(Math.max(t, 0), 1)) ** 3;
