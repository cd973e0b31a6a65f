// The design tokens of Foyer, and nothing else: colours of both schemes, type,
// radius. The parts that are made of them are in static/src/app.css.
//
// Every colour is a CSS variable, so that the scheme is chosen in one place.
// static/tokens_test.go reads `light`, `dark` and computes that every pair of
// colours that meet on a page has the contrast that WCAG 2.2 AA asks for.

const light = {
  paper: "#f7f7f5", // behind everything
  card: "#ffffff", // what content stands on
  line: "#e4e3de", // between things
  edge: "#85888f", // around what can be typed in: 3:1 against card and paper
  button: "#c6c6bf", // around buttons, which have a word to be known by
  ink: "#1a1c20", // text
  quiet: "#50545c", // text that supports other text
  faint: "#656972", // labels, hints, times
  accent: "#2952cc", // links, the primary button, what is current
  "accent-strong": "#1f42ab", // the primary button under the pointer
  "on-accent": "#ffffff",
  "accent-soft": "#e9eefc",
  hover: "#f3f5fb", // a row under the pointer
  ok: "#17693f",
  "ok-soft": "#e6f4ec",
  off: "#5b5f68",
  "off-soft": "#ececea",
  ask: "#7a5200",
  "ask-soft": "#fcf1da",
  mark: "#fff2b8", // what a search found
  bad: "#a8201a",
  "bad-soft": "#fcebe9",
  sandbox: "#5b3fb0",
  uat: "#8f5400",
  prod: "#9b1040",
  "on-environment": "#ffffff",
};

const dark = {
  paper: "#121316",
  card: "#1a1c20",
  line: "#2c2f36",
  edge: "#767c88",
  button: "#474c56",
  ink: "#ecedee",
  quiet: "#b7bbc3",
  faint: "#9ba0aa",
  accent: "#8fadff",
  "accent-strong": "#aac1ff",
  "on-accent": "#0d1430",
  "accent-soft": "#1e2947",
  hover: "#20242d",
  ok: "#6fd19c",
  "ok-soft": "#12301f",
  off: "#b4b8c0",
  "off-soft": "#2a2d33",
  ask: "#f0bd5e",
  "ask-soft": "#352808",
  mark: "#3f3400",
  bad: "#ff9d94",
  "bad-soft": "#3b1613",
  sandbox: "#6d54c9",
  uat: "#955b08",
  prod: "#b1174c",
  "on-environment": "#ffffff",
};

const variables = (scheme) =>
  Object.fromEntries(Object.entries(scheme).map(([name, value]) => [`--${name}`, value]));

const colors = Object.fromEntries(Object.keys(light).map((name) => [name, `var(--${name})`]));

/** @type {import("tailwindcss").Config} */
export default {
  content: ["./views/**/*.templ", "./views/**/*.go"],
  theme: {
    colors: { ...colors, current: "currentColor", transparent: "transparent" },
    fontFamily: {
      sans: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
      mono: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
    },
    fontSize: {
      xs: ["0.75rem", "1rem"],
      sm: ["0.8125rem", "1.125rem"],
      base: ["0.875rem", "1.25rem"],
      lg: ["0.9375rem", "1.25rem"],
      xl: ["1.375rem", "1.75rem"],
    },
    borderRadius: { sm: "4px", DEFAULT: "6px", lg: "8px", full: "999px" },
  },
  plugins: [
    ({ addBase }) => {
      addBase({
        ":root": { "color-scheme": "light", ...variables(light) },
        "@media (prefers-color-scheme: dark)": {
          ":root": { "color-scheme": "dark", ...variables(dark) },
        },
      });
    },
  ],
};
