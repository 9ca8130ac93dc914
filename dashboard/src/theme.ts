import {
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type MantineThemeOverride,
} from "@mantine/core";

/** Water: the colour of what flows. */
const gate: MantineColorsTuple = [
  "#e8f6fa",
  "#d3e9f0",
  "#a5d2e0",
  "#74bad0",
  "#4ca6c2",
  "#339aba",
  "#2294b7",
  "#1280a1",
  "#007291",
  "#006380",
];

export const THEME: MantineThemeOverride = createTheme({
  primaryColor: "gate",
  // Dark enough for white text on it and for itself on white (WCAG AA).
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  colors: { gate },
  defaultRadius: "md",
  fontFamily:
    'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, monospace',
  headings: { fontWeight: "650" },
  cursorType: "pointer",
  respectReducedMotion: true,
  // By name: with the components themselves, what few views need would come with the first load.
  components: {
    // As it is written: capitals shout, and Chinese has none.
    Badge: { defaultProps: { tt: "none", fw: 600 } },
    // A dialog's <header> would be taken for another banner of the page.
    Modal: { defaultProps: { attributes: { header: { role: "presentation" } } } },
  },
});

/** Quiet text that can still be read: the library's own has too little contrast (WCAG 1.4.3). */
export const resolveVariables: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: quiet(colors.gray[7]),
  dark: quiet(colors.dark[1]),
});

function quiet(color: string): Record<string, string> {
  return { "--mantine-color-dimmed": color, "--mantine-color-placeholder": color };
}
