// What SparTen's mechanism predicts of a drawn layer, by formula.
#pragma once

#include "testbenches/selftests/figures.h"

namespace basil {

void sparten_by_formula(Figures& figures);

}  // namespace basil
