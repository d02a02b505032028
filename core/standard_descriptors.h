// Standard input, output and error, whatever the caller did to them.
#pragma once

namespace basil {

// Where one of the three is closed, the next file opened would take its number, and what is printed would
// land in that file. Holds the place of each with /dev/null, opened the wrong way round: using it fails as
// before. For main(), before anything is opened.
void make_sure_of_standard_descriptors();

}  // namespace basil
