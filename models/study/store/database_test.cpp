// Databases of schema 1, whose layers were numbers and whose columns were fewer, are read by today's names.
#include "models/study/store/database.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "core/testing/scratch.h"
#include "models/study/store/point_account.h"

namespace basil {
namespace {

using testing::Scratch;

// As that version made it: a study of one machine at two clocks, of which one point ran.
constexpr const char* of_schema_1 = R"(
  PRAGMA application_id = 1114860593; PRAGMA user_version = 1;
  CREATE TABLE study (name TEXT, program TEXT);
  CREATE TABLE points (point INTEGER PRIMARY KEY, key TEXT, trace TEXT, accelerator TEXT, parameters TEXT);
  CREATE TABLE results (key TEXT PRIMARY KEY, status TEXT, error TEXT, "cycles" INTEGER, "seconds" REAL,
    "energy_pj" REAL, "edp_js" REAL, "area_mm2" REAL, "output_error" REAL, "utilisation" REAL, "dram_bytes" INTEGER,
    "pes" INTEGER, "verified" INTEGER) WITHOUT ROWID;
  CREATE TABLE layers (key TEXT, layer INTEGER, "layer_name" TEXT, "kind" TEXT, "cycles" INTEGER, "seconds" REAL,
    "bin_compute" INTEGER, "bin_dram" INTEGER, "energy_pj" REAL, "mac_pj" REAL, "tagged_derived_pj" REAL,
    "dram_ifmap_bytes" INTEGER, "verified" INTEGER, PRIMARY KEY (key, layer)) WITHOUT ROWID;
  CREATE TABLE accelerators (name TEXT PRIMARY KEY, description TEXT) WITHOUT ROWID;
  CREATE TABLE traces (name TEXT PRIMARY KEY, fingerprint TEXT) WITHOUT ROWID;
  CREATE TABLE scaled (key TEXT PRIMARY KEY, overrides TEXT) WITHOUT ROWID;
  INSERT INTO study VALUES ('clocks', 'basil of old');
  INSERT INTO points VALUES (0, 'k0', 'net', 'eyeriss', '{"clock_mhz":100}'), (1, 'k1', 'net', 'eyeriss', '{"clock_mhz":200}');
  INSERT INTO results VALUES ('k0', 'done', '', 110, 1.1e-6, 30.0, 3.3e-17, 4.0, 0.0, 0.5, 64, 10, 1);
  INSERT INTO layers VALUES ('k0', 0, 'conv1', 'conv', 100, 1e-6, 700, 300, 20.0, 8.0, 20.0, 32, 1),
                            ('k0', 1, 'fc', 'fc', 10, 1e-7, 50, 50, 10.0, 5.0, 10.0, 16, 1);
  CREATE VIEW point_rows AS SELECT point, trace, accelerator, json_extract(parameters, '$."clock_mhz"') AS "clock_mhz",
    coalesce(status, 'missing') AS status, error, results."cycles", results."seconds", results."energy_pj",
    results."edp_js", results."area_mm2", results."output_error", results."utilisation", results."dram_bytes",
    results."pes", results."verified" FROM points LEFT JOIN results USING (key);
  CREATE VIEW layer_rows AS SELECT point, trace, accelerator, json_extract(parameters, '$."clock_mhz"') AS "clock_mhz",
    layer, layers."layer_name", layers."kind", layers."cycles", layers."seconds", layers."bin_compute",
    layers."bin_dram", layers."energy_pj", layers."mac_pj", layers."tagged_derived_pj", layers."dram_ifmap_bytes",
    layers."verified" FROM points JOIN layers USING (key))";

std::filesystem::path older(const Scratch& scratch) {
  const std::filesystem::path file = scratch / "older.sqlite";
  SqliteFile(file, SqliteFile::Use::change).run(of_schema_1);
  return file;
}

Datum cell(const Rows& rows, std::size_t row, const std::string& column) {
  const std::size_t place = column_of(rows, column);
  return place < rows.columns.size() ? rows.cells.at(row)[place] : Datum("no such column");
}

TEST(StudyDatabase, OfSchema1HasTodaysNames) {
  const Scratch scratch;
  StudyDatabase database = StudyDatabase::look(older(scratch));
  const Rows point = database.point_row(0);
  EXPECT_EQ(cell(point, 0, "energy_delay_js"), 3.3e-17);
  EXPECT_EQ(cell(point, 0, "clock_mhz"), 100);  // the study's parameter
  EXPECT_EQ(cell(point, 0, "edp_js"), "no such column");
  EXPECT_EQ(cell(database.point_row(1), 0, "status"), "missing");
  const Rows layers = database.layer_rows(0);
  ASSERT_EQ(layers.cells.size(), 2U);
  EXPECT_EQ(cell(layers, 1, "layer_index"), 1);
  EXPECT_EQ(cell(layers, 1, "layer"), "fc");
  EXPECT_EQ(cell(layers, 1, "layer_name"), "no such column");
  EXPECT_EQ(cell(layers, 0, "bin_dram"), 300);
}

TEST(StudyDatabase, OfSchema1IsCompared) {
  const Scratch scratch;
  const ResultAccount account = account_of_point(older(scratch), 0);
  EXPECT_EQ(account.pes, 10);
  ASSERT_EQ(account.layers.size(), 2U);
  EXPECT_EQ(account.layers[1].name, "fc");
  for (std::size_t i = 0; i < diff_columns().size(); ++i) {
    const std::string& name = diff_columns()[i]->name;
    if (name == "cycles") { EXPECT_EQ(account.layers[0].figures[i], 100); }
    if (name == "mac_pj") { EXPECT_EQ(account.layers[0].figures[i], 8); }
    if (name == "passes") { EXPECT_TRUE(std::isnan(account.layers[0].figures[i])); }  // which it did not keep
  }
}

// Its results go on in a file of today, each under its name; what it did not keep is not known there.
TEST(StudyDatabase, TakesTheResultsOfSchema1) {
  const Scratch scratch;
  const std::filesystem::path old = older(scratch);
  StudyDatabase from = StudyDatabase::look(old);
  StudyDatabase today(scratch / "today.sqlite", from.listing());
  today.take(old);
  EXPECT_EQ(cell(today.point_row(0), 0, "energy_delay_js"), 3.3e-17);
  EXPECT_EQ(cell(today.point_row(0), 0, "cycles"), 110);
  EXPECT_TRUE(cell(today.point_row(0), 0, "passes").is_null());
  const Rows layers = today.layer_rows(0);
  EXPECT_EQ(cell(layers, 0, "layer"), "conv1");
  EXPECT_EQ(cell(layers, 1, "layer_index"), 1);
  EXPECT_EQ(cell(layers, 1, "bin_compute"), 50);
  EXPECT_TRUE(cell(layers, 1, "passes").is_null());
}

TEST(StudyDatabase, OfASchemaToComeIsRefused) {
  const Scratch scratch;
  const std::filesystem::path file = older(scratch);
  SqliteFile(file, SqliteFile::Use::change).run("PRAGMA user_version = 3");
  try {
    static_cast<void>(StudyDatabase::look(file));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("schema 3, expected schema 1 or 2"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace basil
