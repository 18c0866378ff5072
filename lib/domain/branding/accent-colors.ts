/**
 * Colors for pages and mails that derive from the accent color of a tenant. Text in them has the
 * contrast of WCAG 2.2 level AA (1.4.3), for every accent color.
 */
export interface AccentColors {
  /** Background of buttons: the accent color. */
  readonly button: string;
  /** Text on buttons: white if its contrast suffices, else black. One of the two always does. */
  readonly onButton: string;
  /** Text on a light page: the accent color, darker if necessary. */
  readonly onLight: string;
  /** Text on a dark page: the accent color, lighter if necessary. */
  readonly onDark: string;
}

/** Minimum contrast of text (WCAG 2.2, 1.4.3). */
export const minContrast = 4.5;

/** Backgrounds of the pages in both color schemes. */
export const surfaces = { light: '#ffffff', dark: '#1b1d22' } as const;

const [white, black] = ['#ffffff', '#000000'];

/** Derives colors from an accent color, `#rrggbb`. */
export const deriveAccentColors = (accentColor: string): AccentColors => ({
  button: accentColor,
  onButton: getContrast(white, accentColor) >= minContrast ? white : black,
  onLight: adjustTo(surfaces.light, accentColor, black),
  onDark: adjustTo(surfaces.dark, accentColor, white),
});

const steps = 32;

/** Mixes a color with more and more of another one until it is readable on a background. */
function adjustTo(background: string, color: string, other: string): string {
  const channels = parseChannels(color);
  const target = parseChannels(other);
  for (let step = 0; step < steps; step++) {
    const mixed = channels.map((channel, index) =>
      Math.round(channel + ((target[index] ?? 0) - channel) * (step / steps)),
    );
    const text = formatChannels(mixed);
    if (getContrast(text, background) >= minContrast) return text;
  }
  return other;
}

/** Contrast of two colors, 1 to 21 (WCAG 2.2, contrast ratio). */
export function getContrast(one: string, other: string): number {
  const [first, second] = [getLuminance(one), getLuminance(other)];
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
}

function getLuminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = parseChannels(color).map((channel) => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const parseChannels = (color: string): readonly number[] =>
  [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16));

const formatChannels = (channels: readonly number[]): string =>
  `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
