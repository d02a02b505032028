// Options that name files to write, and what is checked of them before a verb begins its work.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <vector>

#include "core/output_check.h"

namespace basil {

// The values of such options; help shows what is to be given.
[[nodiscard]] boost::program_options::typed_value<std::string>* text_output();      // "OUT"
[[nodiscard]] boost::program_options::typed_value<std::string>* archive_output();   // "OUT.npz"
[[nodiscard]] boost::program_options::typed_value<std::string>* waveform_output();  // "OUT.vcd"
[[nodiscard]] boost::program_options::typed_value<std::string>* database_output();  // "OUT.sqlite"

// What the values given for them name; a waveform with the .gtkw beside it.
[[nodiscard]] std::vector<Output> outputs_of(const boost::program_options::options_description& options,
                                             const boost::program_options::variables_map& values);

// The command line again, for a shell, without options that change no result: outputs, --title, how a
// waveform is shown, how many jobs and how much memory it takes, whether it goes on with a database.
[[nodiscard]] std::string command_of(const std::string& verb,
                                     const boost::program_options::parsed_options& parsed,
                                     const boost::program_options::options_description& options);

// Files that the other words of the command name, as the whole word or as its part after '=', before ':' or
// between commas.
[[nodiscard]] std::vector<std::filesystem::path> inputs_of(
    const boost::program_options::options_description& options,
    const boost::program_options::variables_map& values);

}  // namespace basil
