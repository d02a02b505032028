#include "models/study/sweep.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/fingerprint.h"
#include "core/table.h"
#include "models/description/accelerator_document.h"
#include "models/study/claims.h"
#include "models/study/front/front.h"
#include "models/study/front/study_report.h"
#include "models/study/pending.h"
#include "models/study/point_runner.h"
#include "models/study/store/database.h"
#include "testbenches/command/array_shard.h"
#include "testbenches/command/report_option.h"
#include "testbenches/command/verb.h"

namespace basil {
namespace {

namespace po = boost::program_options;

volatile std::sig_atomic_t interrupted = 0;
void note_interrupt(int) { interrupted = 1; }

// How far, how fast, how long still.
class Pace {
 public:
  Pace(std::size_t points, ShowProgress show) : points_(points), show_(std::move(show)) {}

  void add(const std::vector<PointEnd>& ends) {
    now_ += ends.size();
    for (const auto& [point, result] : ends) failed_ += result.status == PointStatus::failed ? 1U : 0U;
    if (show_) show_([this] { return line(); });
  }

 private:
  [[nodiscard]] std::string line() const {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    const double rate = static_cast<double>(now_) / seconds;
    return fmt::format("{} of {} points, {:.1f} a second, {} left{}", now_, points_, rate,
                       metric(static_cast<double>(points_ - now_) / rate, "s"),
                       failed_ > 0 ? fmt::format(", {} failed", failed_) : std::string());
  }

  std::size_t points_, now_ = 0, failed_ = 0;
  ShowProgress show_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Of --shard, else of the job array that this process is a task of.
Shard shard_of(const Arguments& arguments) {
  return arguments.has("shard") ? shard_of_option(arguments.get<std::string>("shard")) : shard_of_array();
}

std::filesystem::path database_of(const Arguments& arguments, const Study& study, const Shard& shard) {
  if (arguments.has("db")) return arguments.get<std::string>("db");
  const std::string stem = std::filesystem::path(study.file).stem().string();
  return shard.of == 1 ? stem + ".sqlite" : fmt::format("{}.{}-of-{}.sqlite", stem, shard.part, shard.of);
}

Listing listing_of(const Study& study, const Points& points) {
  Listing listing{.study = study.name, .program = program_build(), .size = points.size()};
  for (const StudyAccelerator& accelerator : study.accelerators)
    listing.descriptions.emplace_back(accelerator.name, whole_description(accelerator.source));
  for (const StudyTrace& trace : study.traces) {
    listing.traces.emplace_back(
        trace.name, fingerprint_of(trace) + (trace.recipe ? ", recipe " + trace.recipe_text : std::string()));
  }
  const auto key_of = std::make_shared<PointKeys>(study, listing.program);
  listing.point = [&study, &points, key_of](std::size_t number) {
    Point point = points[number];
    return ListedPoint{.key = (*key_of)(point),
                       .trace = study.traces[point.trace].name,
                       .accelerator = study.accelerators[point.accelerator].name,
                       .values = std::move(point.values)};
  };
  return listing;
}

// What the study names, and the run will read.
std::vector<std::filesystem::path> files_of(const Study& study) {
  std::vector<std::filesystem::path> files;
  for (const StudyTrace& trace : study.traces) files.push_back(trace.file);
  for (const StudyAccelerator& accelerator : study.accelerators) files.emplace_back(accelerator.source);
  return files;
}

// Some points, spread over all, run and forgotten.
int dry_run(Sweep& sweep, const Study& study, const Points& points, PendingPoints first, PendingPoints second,
            int jobs) {
  std::size_t pending = 0, preparations = 0;
  std::string layers;
  while (const auto point = first.next()) {
    ++pending;
    const std::string own = preparation_key(study, points[*point]);
    preparations += own == layers ? 0 : 1;
    layers = own;
  }
  std::string text = fmt::format("{} points, {} to run", points.size(), pending);
  if (pending > 0) {
    const std::size_t size = std::min(pending, static_cast<std::size_t>(std::max(4, 2 * jobs)));
    std::size_t rank = 0, taken = 0;
    const auto sample = [&]() -> std::optional<std::size_t> {
      while (const auto point = second.next()) {
        if (rank++ != taken * pending / size) continue;
        ++taken;
        return point;
      }
      return std::nullopt;
    };
    const SweepCost cost = sweep.run(sample, {.ended = [](const auto&) {}, .stop = {}});
    const auto mean = [](double sum, std::size_t count) {
      return sum / static_cast<double>(std::max<std::size_t>(1, count));
    };
    const double seconds =
        mean(cost.preparing_seconds, cost.preparations) * static_cast<double>(preparations) +
        mean(cost.child_seconds, cost.points) * static_cast<double>(pending) /
            static_cast<double>(std::min(pending, static_cast<std::size_t>(jobs)));
    text += fmt::format(": about {} with --jobs {}, from a sample of {}", metric(seconds, "s"), jobs, size);
  }
  print(text + "\n");
  return 0;
}

// Keeps results as they end, and says how far it is.
class Keeper {
 public:
  Keeper(StudyDatabase& database, std::size_t points, ShowProgress show)
      : database_(database), pace_(points, std::move(show)) {}

  void keep(const std::vector<PointEnd>& ends) {
    std::vector<std::pair<std::string, PointResult>> results;
    results.reserve(ends.size());
    for (const auto& [point, result] : ends) results.emplace_back(database_.state(point).key, result);
    database_.store(results);
    done_ += ends.size();
    pace_.add(ends);
  }
  [[nodiscard]] std::size_t done() const { return done_; }

 private:
  StudyDatabase& database_;
  Pace pace_;
  std::size_t done_ = 0;
};

void note_interrupts() {
  std::signal(SIGINT, note_interrupt);
  std::signal(SIGTERM, note_interrupt);
}

// Failure, and so exit code 1, where it was interrupted.
void refuse_interrupted(std::size_t done, std::size_t all) {
  if (interrupted != 0)
    throw Failure(fmt::format("interrupted after {} of {} points; the same command goes on", done, all));
}

void run_pending(Sweep& sweep, StudyDatabase& database, PendingPoints points, std::size_t count,
                 const ShowProgress& show) {
  note_interrupts();
  std::size_t done = 0;
  {
    Keeper keeper(database, count, show);
    sweep.run([&] { return points.next(); }, {.ended = [&](const auto& ends) { keeper.keep(ends); },
                                              .stop = [] { return interrupted != 0; }});
    done = keeper.done();
  }
  refuse_interrupted(done, count);
}

// Points as they are free, until all are done here or elsewhere; those of a pilot that ended early are taken
// over.
void run_pulled(Sweep& sweep, Claims& claims, StudyDatabase& database, std::size_t points,
                const ShowProgress& show) {
  note_interrupts();
  std::size_t done = 0;
  {
    Keeper keeper(database, points, show);
    const SweepOptions options{.ended =
                                   [&](const std::vector<PointEnd>& ends) {
                                     keeper.keep(ends);
                                     for (const auto& end : ends) claims.ended(end.first);
                                   },
                               .stop = [] { return interrupted != 0; }};
    while (!claims.all_done() && interrupted == 0) {
      sweep.run([&] { return claims.next(); }, options);
      if (!claims.all_done() && interrupted == 0) std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
    done = keeper.done();
  }
  refuse_interrupted(done, points);
}

// A pilot: its own database in the folder, beside those of the others.
int pull(const Arguments& arguments, Sweep& sweep, const Study& study, const Points& points,
         const Listing& listing) {
  const std::filesystem::path folder = arguments.get<std::string>("pull");
  std::string all;  // of all keys
  for (std::size_t i = 0; i < points.size(); ++i) all = fingerprint(all + listing.point(i).key);
  Claims claims(folder, all, points.size(), [&](std::size_t k) { return points.in_turn(k); });
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  const std::filesystem::path file =
      folder / fmt::format("{}.{}-{}.sqlite", std::filesystem::path(study.file).stem().string(), host.data(),
                           getpid());
  StudyDatabase database(file, listing);
  run_pulled(sweep, claims, database, points.size(), arguments.progress());
  if (!arguments.flag("quiet"))
    print(fmt::format(
        "all points are done: 'basil merge {}/*.sqlite -o OUT.sqlite' joins what the pilots ran\n",
        folder.string()));
  return 0;
}

// What the database holds, in all the forms asked for.
int show(const Arguments& arguments, const Study& study, StudyDatabase& database,
         const std::filesystem::path& file) {
  const StudySummary found = summary(study, database);
  if (arguments.has("json"))
    write_file_atomically(arguments.get<std::string>("json"), to_json(found).dump(1) + "\n");
  if (arguments.has("report"))
    write_file_atomically(
        arguments.get<std::string>("report"),
        to_html(study, found, database, {.command = arguments.command(), .title = report_title(arguments)}));
  if (!arguments.flag("quiet")) print(to_text(found) + "\nresults: " + file.string() + "\n");
  return found.failed > 0 ? 1 : 0;
}

int sweep_verb_run(const Arguments& arguments) {
  const Study study = read_study(arguments.get<std::string>("study"));
  const int jobs = arguments.get<int>("jobs");
  if (jobs < 1 || jobs > 1024) throw Error("--jobs", std::to_string(jobs), "1 to 1024");
  for (const char* other : {"shard", "db", "json", "report"}) {
    if (arguments.has("pull") && arguments.has(other))
      throw Error("--pull", fmt::format("given beside --{}", other),
                  "--pull alone: merge shows what the pilots ran");
  }
  (void)report_title(arguments);  // before the work
  const Shard shard = arguments.has("pull") ? Shard{} : shard_of(arguments);
  const std::filesystem::path file = database_of(arguments, study, shard);
  arguments.check_outputs({{.option = "--db", .file = file, .kind = Output::Kind::database}},
                          files_of(study));
  if (arguments.flag("show")) {
    StudyDatabase database = StudyDatabase::look(file);
    return show(arguments, study, database, file);
  }
  const Points points(study);
  const auto most = static_cast<int>(std::max<std::size_t>(1, shard.count(points.size())));
  PointServer server(study, std::min(jobs, most));
  const Listing listing = listing_of(study, points);
  const bool begun = !arguments.has("pull") && StudyDatabase::begun(file, listing);
  if (arguments.flag("resume") && !begun)
    throw Error("--resume: " + file.string(), "no results", "the database of a sweep that was begun");
  Sweep sweep(server, study, points);

  if (arguments.has("pull")) return pull(arguments, sweep, study, points, listing);
  const bool retry = arguments.flag("retry");
  if (arguments.flag("dry-run")) {
    StudyDatabase draft = StudyDatabase::draft(listing);
    if (begun) {
      StudyDatabase known = StudyDatabase::look(file);
      draft.know(known);
    }
    return dry_run(sweep, study, points, {points, draft, shard, retry}, {points, draft, shard, retry}, jobs);
  }
  StudyDatabase database(file, listing);
  run_pending(sweep, database, {points, database, shard, retry},
              database.pending(shard.part, shard.of, retry), arguments.progress());
  return show(arguments, study, database, file);
}

}  // namespace

Verb sweep_verb() {
  return {
      .name = "sweep",
      .summary = "a study of many design points: resumable, in child processes, with its Pareto front",
      .usage = "STUDY.yaml [options]",
      .details =
          "Results go to one SQLite file, a row a point and layer. Interrupted or killed, the same command "
          "goes on:\n"
          "only the points in flight are lost. A point that crashes, or exceeds the study's limits of time "
          "and memory,\n"
          "is recorded with its error, and the rest goes on; so is one that its machine refuses. Exit code "
          "1 when a\n"
          "point failed.\n"
          "\n"
          "--report writes a page of the database's results, whether this command ran them or an earlier "
          "one: fronts, any\n"
          "point on a click, what each parameter does.\n"
          "\n"
          "--shard k/n runs every n-th point, from the k-th on, into a file of its own; 'basil merge' joins "
          "the files.\n"
          "In a job array without gaps (Slurm, SGE, LSF, AWS Batch) the shard follows from the task's "
          "number; "
          "where the\n"
          "manager does not tell the array's size (PBS), or one task is submitted again, --shard array/n "
          "does.\n"
          "\n"
          "--pull FOLDER is for pilot jobs on a shared folder: as many of the same command as there are "
          "nodes, each "
          "with a\n"
          "database of its own there, take points from one list as they get free, until all are done. One "
          "may "
          "be killed:\n"
          "the others take over what it had in hand. 'basil merge FOLDER/*.sqlite -o OUT.sqlite' joins "
          "them.\n"
          "\n"
          "A study names traces, accelerators, and values of their keys:\n"
          "  traces: ../../traces/samples/lenet.npz        # as seen from the study; or a list, also of\n"
          "                                                # {file: F.npz, recipe: TEXT, name: N}\n"
          "                                                # and {synth: vgg16}, of 'basil list shapes'\n"
          "  accelerators: [eyeriss, {name: scnn, parameters: {clock_mhz: [500, 1000]}}]\n"
          "  parameters:\n"
          "    array.rows: [8, 12, 16]                     # or {from: 8, to: 16, step: 4}\n"
          "    dram.link_mhz: {from: 60, to: 960, factor: 2}\n"
          "  constraints: [array.rows * array.cols <= 1024]\n"
          "  sampling: {latin_hypercube: 200, seed: 1}     # else all combinations\n"
          "  layers: ['conv*']                             # else all\n"
          "  objectives: [energy, seconds * area]          # of cycles, seconds, energy, edp, area, "
          "output_error, ...\n"
          "  multipliers: 1024                             # or area_mm2: 5; else arrays as described\n"
          "  verify: true                                  # against the golden executor\n"
          "  limits: {seconds: 60, megabytes: 1000}        # of a point",
      .example =
          "  basil sweep testbenches/studies/array-and-bandwidth.yaml --jobs 2\n"
          "  basil sweep study.yaml --dry-run\n"
          "  basil sweep study.yaml --report study.html\n"
          "  basil sweep study.yaml --shard 3/8 && basil merge study.*-of-8.sqlite -o study.sqlite\n",
      .positional = {"study"},
      .required = {"study"},
      .options =
          [](po::options_description_easy_init add) {
            const auto word = [] { return po::value<std::string>(); };
            add("study", word(), "the study (.yaml)")("db", database_output(), "the database (STUDY.sqlite)")(
                "jobs", po::value<int>()->default_value(1), "points in this many child processes at a time")(
                "shard", word(), "k/n: the k-th of n parts; array/n: the part of this task of a job array")(
                "pull", word(), "a folder that many such commands share: each takes points as it gets free")(
                "resume", po::bool_switch(), "go on with a database, and refuse to begin one")(
                "retry", po::bool_switch(), "run the points again that failed")(
                "show", po::bool_switch(),
                "run nothing: print and report what the database holds, of whatever build")(
                "dry-run", po::bool_switch(),
                "say how many points, and how long from a sample; keep nothing")(
                "json", text_output(), "write the counts and the fronts as JSON")("quiet", po::bool_switch(),
                                                                                  "no table");
            add_report_options(add);
          },
      .run = sweep_verb_run};
}

}  // namespace basil
