// A study as one page that needs nothing else: its points, its fronts, what each parameter does, and where
// the figures come from.
#pragma once

#include <string>

#include "models/report/report_page.h"
#include "models/study/front/front.h"
#include "models/study/store/database.h"
#include "models/study/study.h"

namespace basil {

// HTML, complete, under 3 MB. Of a study of over 3,000 points it holds the fronts, if they are smaller than
// that, and every n-th point; the layers, where points have over 15,000 of them between them, of the first
// points that fit, those of the fronts before others. The page says both. Error when a trace cannot be read.
[[nodiscard]] std::string to_html(const Study& study, const StudySummary& summary, StudyDatabase& database,
                                  const PageOptions& options = {});

}  // namespace basil
