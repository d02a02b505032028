// What ESCALATE's mechanism predicts of drawn layers, by formula.
#pragma once

#include "testbenches/selftests/figures.h"

namespace basil {

void escalate_by_formula(Figures& figures);

}  // namespace basil
