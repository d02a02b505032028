// Chromium for the tests of the pages, and what they report.
"use strict";
const {execFileSync} = require("node:child_process");
const fs = require("node:fs");

function skip(reason) {
  console.log("skipped: " + reason);
  process.exit(77);
}

const programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = programs.find((file) => fs.existsSync(file));
if (!executablePath) skip("no Chromium (Debian's package chromium)");
let chromium;
try {
  ({chromium} = require("playwright-core"));
} catch {
  skip("no playwright-core (npm ci --prefix testbenches)");
}

const launch = () => chromium.launch({executablePath, args: ["--no-sandbox"]});

let failures = 0;
function expect(held, what) {
  if (!held) ++failures;
  console.log((held ? "held    " : "MISSED  ") + what);
}

// The page opened, with what it complained of and what it asked for.
async function open(context, file) {
  const page = await context.newPage();
  const complaints = [],
    requests = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  const start = Date.now();
  await page.goto("file://" + file);
  await page.waitForSelector("html[data-drawn]", {state: "attached"});
  return {page, complaints, requests, milliseconds: Date.now() - start};
}

function expectQuiet({complaints, requests, milliseconds}, label) {
  expect(complaints.length === 0, `${label}: no complaint ${complaints.join(" | ").slice(0, 300)}`);
  expect(requests.length === 1, `${label}: nothing asked for but the file`);
  console.log(`        opened and drawn in ${milliseconds} ms`);
}

const dataOf = (file) =>
  JSON.parse(/id="basil-data">(.*?)<\/script>/s.exec(fs.readFileSync(file, "utf8"))[1]);

// The texts of a column, from the top.
async function column(page, table, index) {
  const selector = `table[aria-label="${table}"] > tbody > tr:not(.opened)`;
  return page.$$eval(selector, (rows, i) => rows.map((row) => row.cells[i].textContent.trim()), index);
}

const run = (command, words, folder) =>
  execFileSync(command, words, {cwd: folder, stdio: ["ignore", "ignore", "inherit"]});

module.exports = {skip, launch, expect, expectQuiet, open, dataOf, column, run, failures: () => failures};
