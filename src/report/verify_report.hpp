// The page and values of `paramcount verify`.
#pragma once

#include <string>

#include "paramcount/model.hpp"
#include "paramcount/report.hpp"
#include "paramcount/verify.hpp"

namespace paramcount {

/// `all`: every item on the page, however many.
[[nodiscard]] Report verify_report(const Model& model, const std::string& family, const Checkpoint& checkpoint,
                                   const Verification& verification, bool all, Parts wanted);

}  // namespace paramcount
