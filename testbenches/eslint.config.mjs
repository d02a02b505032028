// Scripts of the reports' page, which the build joins into one, its CSS, and scripts for Node.js.
import fs from "node:fs";
import path from "node:path";
import css from "@eslint/css";
import js from "@eslint/js";

// What the page's scripts declare at their left edge is there for all of them.
const page = path.join(import.meta.dirname, "../models/report/page");
const declared = fs
  .readdirSync(page)
  .filter((file) => file.endsWith(".js"))
  .flatMap((file) => fs.readFileSync(path.join(page, file), "utf8").match(/^(function|const|let) [^=(]+/gm))
  .flatMap((words) => words.match(/\w+/g).slice(1));
const each = (names, access) => Object.fromEntries(names.map((name) => [name, access]));

const browser = (
  "document window history location screen matchMedia getComputedStyle requestAnimationFrame CSS Blob URL " +
  "Image addEventListener setTimeout clearTimeout innerWidth innerHeight scrollX scrollY XMLSerializer"
).split(" ");
const node = ["require", "module", "process", "console", "__dirname"];

const rules = {
  ...js.configs.recommended.rules,
  eqeqeq: "error",
  "no-var": "error",
  "prefer-const": "error"
};

export default [
  {ignores: ["build/", "out/"]},
  {
    files: ["models/report/page/*.js"],
    languageOptions: {
      sourceType: "script",
      globals: {...each(declared, "writable"), ...each(browser, "readonly")}
    },
    rules: {
      ...rules,
      "no-redeclare": ["error", {builtinGlobals: false}],
      "no-unused-vars": ["error", {vars: "local"}]
    }
  },
  // What a test hands to a page to evaluate speaks of what is there.
  {
    files: ["**/*.cjs"],
    languageOptions: {sourceType: "commonjs", globals: each([...declared, ...browser, ...node], "readonly")},
    rules: {...rules, "no-redeclare": ["error", {builtinGlobals: false}]}
  },
  {files: ["**/*.mjs"], rules},
  {
    files: ["**/*.css"],
    plugins: {css},
    language: "css/css",
    // The page asks for what only new browsers have where an old one misses nothing; @page has margins.
    rules: {
      ...css.configs.recommended.rules,
      "css/no-important": "off",
      "css/no-invalid-at-rules": "off",
      "css/use-baseline": "off"
    }
  }
];
