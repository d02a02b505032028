// The pages of --report in headless Chromium, as a person would use them and a designer would look at them.
//   node report_browser.cjs BASIL SAMPLES
// Exit code 0: held, 1: not, 77: Chromium or playwright-core is missing.
// Leaves screenshots and prints in the folder that BASIL_PICTURES names. With BASIL_FULL set also a study of
// 1,000 points.
"use strict";
const fs = require("node:fs"),
  os = require("node:os"),
  path = require("node:path");
const {launch, run, failures} = require("./report_browser/browser.cjs");
const {checkLooks, takeDocsPictures} = require("./report_browser/looks.cjs");
const {checkRunPage} = require("./report_browser/run_page.cjs");
const {checkStudyPage, checkLarge, checkPictures, studyText} = require("./report_browser/study_page.cjs");
const {resnet50} = require("./report_browser/resnet50.cjs");
const {checkTimeline} = require("./report_browser/timeline_picture.cjs");

const [basil, samples] = process.argv.slice(2).map((word) => path.resolve(word));

// Pages of a 54-layer run, of a comparison of it and of a study, in `folder`.
function makePages(folder) {
  const at = (name) => path.join(folder, name),
    command = (...words) => run(basil, [...words, "--quiet"], folder);
  fs.writeFileSync(at("resnet50.yaml"), resnet50());
  run(
    basil,
    ["synth", "resnet50.yaml", "--weight-density", "0.4", "--ifmap-density", "0.5", "-o", "resnet50.npz"],
    folder
  );
  command(
    "run",
    "resnet50.npz",
    "--on",
    "eyeriss",
    "--no-verify",
    "--set",
    "dram.link_mhz=120",
    "--report",
    "run.html"
  );
  command(
    "compare",
    "resnet50.npz",
    "--on",
    "eyeriss,sparten",
    "--no-verify",
    "--set",
    "eyeriss:dram.link_mhz=120",
    "--report",
    "compare.html"
  );
  command("run", path.join(samples, "lenet.npz"), "--on", "eyeriss", "--report", "small.html");
  fs.writeFileSync(at("study.yaml"), studyText(samples));
  command("sweep", "study.yaml", "--db", "study.sqlite", "--report", "study.html");
  return {
    run: at("run.html"),
    comparison: at("compare.html"),
    study: at("study.html"),
    small: at("small.html")
  };
}

// The timeline of a small run, read back.
function makeTimeline(folder) {
  const lenet = path.join(samples, "lenet.npz");
  run(basil, ["run", lenet, "--on", "eyeriss", "--quiet", "--timeline", "timeline.json"], folder);
  return JSON.parse(fs.readFileSync(path.join(folder, "timeline.json"), "utf8"));
}

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "basil-report-"));
  let browser;
  try {
    const pages = makePages(folder),
      pictures = process.env.BASIL_PICTURES;
    browser = await launch();
    await checkRunPage(browser, pages.run, "run");
    await checkRunPage(browser, pages.comparison, "comparison");
    await checkStudyPage(browser, basil, pages.study, folder);
    checkPictures(basil, pages.study, folder);
    for (const [kind, file] of Object.entries(pages)) await checkLooks(browser, file, kind, pictures);
    await checkTimeline(browser, makeTimeline(folder), pictures);
    if (pictures) await takeDocsPictures(browser, pages, pictures);
    if (process.env.BASIL_FULL) await checkLarge(browser, basil, samples, folder);
  } finally {
    if (browser) await browser.close();
    fs.rmSync(folder, {recursive: true, force: true});
  }
  process.exit(failures() ? 1 : 0);
}

main().catch((error) => {
  console.log(error);
  process.exit(1);
});
