// A tenant's one colour, made into the accents of the portal: darker or lighter until text in it, and text on it, can be
// read in both schemes (WCAG AA, 4.5:1).

type Rgb = readonly [number, number, number];

const AA = 4.5;

/** The surfaces on which accents stand, as in tokens.css; the one that is hardest to read on counts. */
const LIGHT = { surface: '#ffffff', hardest: '#f3f4f6', ink: '#ffffff', towards: '#000000' };
const DARK = { surface: '#16191f', hardest: '#22272f', ink: '#10142a', towards: '#ffffff' };

function rgb(hex: string): Rgb {
  const at = (from: number) => Number.parseInt(hex.slice(from, from + 2), 16);
  return [at(1), at(3), at(5)];
}

function hex(colour: Rgb): string {
  return `#${colour.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

/** `share` of the second colour in the first. */
function mix(first: string, second: string, share: number): string {
  const [from, to] = [rgb(first), rgb(second)];
  return hex(from.map((part, at) => part + (to[at]! - part) * share) as unknown as Rgb);
}

function luminance(colour: string): number {
  const [red, green, blue] = rgb(colour).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** 1 … 21, as WCAG counts it. */
export function contrast(first: string, second: string): number {
  const [low, high] = [luminance(first), luminance(second)].sort((left, right) => left - right) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

export type Accents = { accent: string; strong: string; ink: string; soft: string };

function accentsFor(brand: string, { surface, hardest, ink, towards }: typeof LIGHT): Accents {
  for (let share = 0; share <= 1; share += 0.02) {
    const accent = mix(brand, towards, share);
    const soft = mix(surface, accent, 0.1);
    if ([hardest, ink, soft].every((other) => contrast(accent, other) >= AA)) {
      return { accent, strong: mix(accent, towards, 0.2), ink, soft };
    }
  }
  return { accent: towards, strong: towards, ink, soft: hardest };
}

export function accentsOf(brand: string): { light: Accents; dark: Accents } {
  return { light: accentsFor(brand, LIGHT), dark: accentsFor(brand, DARK) };
}

function properties({ accent, strong, ink, soft }: Accents): string {
  return `:root{--accent:${accent};--accent-strong:${strong};--accent-ink:${ink};--accent-soft:${soft}}`;
}

/** A style sheet of its own rather than a style in the page: the policy of pages allows no other. */
export function brandSheet(brand: string): string {
  const { light, dark } = accentsOf(brand);
  return `${properties(light)}@media (prefers-color-scheme:dark){${properties(dark)}}`;
}
