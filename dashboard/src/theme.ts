import {
  Badge,
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type MantineThemeOverride,
  Modal,
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
  components: {
    // As it is written: capitals shout, and Chinese has none.
    Badge: Badge.extend({ defaultProps: { tt: "none", fw: 600 } }),
    // A dialog's <header> would be taken for another banner of the page.
    Modal: Modal.extend({ defaultProps: { attributes: { header: { role: "presentation" } } } }),
  },
});

/** What is said in a lower voice must still be read (WCAG AA: 4.5 to 1), also on a card and on a row under the pointer. */
export const COLORS: CSSVariablesResolver = () => ({
  variables: {},
  light: { "--mantine-color-dimmed": "#59616a", "--mantine-color-placeholder": "#6b737b" },
  dark: { "--mantine-color-dimmed": "#a9a9a9", "--mantine-color-placeholder": "#9d9d9d" },
});
