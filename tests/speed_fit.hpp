// Constants of data/speed.json from measurements.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "speed_rows.hpp"

namespace paramcount {

/// Values with their weights.
using Weighted = std::vector<std::pair<double, double>>;

/// What all averages of one device weigh together, in rows.
inline constexpr double kDeviceWeight = 3;
/// A class with fewer rows of its own takes the maker's, and a maker the constants of all devices.
inline constexpr double kFewRows = 6;

/// Of the absolute logarithms of error, the sum by weight.
[[nodiscard]] double loss(const Rows& rows, const SpeedConstants& constants);
[[nodiscard]] double quantile(std::vector<double> values, double share);
[[nodiscard]] double median(const std::vector<double>& values);
[[nodiscard]] double median(Weighted values);
[[nodiscard]] double weight_of(const Weighted& values);
/// The shortest range of factors that holds 82 % of the residuals by weight.
[[nodiscard]] SpeedRange range_of(Weighted residuals);
/// Three significant digits, so that the file and the fit are the same.
[[nodiscard]] double rounded(double value);
[[nodiscard]] Rows of(const Rows& rows, const std::function<bool(const Measured&)>& wanted);

/// The constants that rows give, by program and class of devices.
class Fitted {
 public:
  explicit Fitted(const Rows& rows) {
    fit_llama_cpp(rows);
    fit_served(rows);
  }

  [[nodiscard]] const SpeedConstants& of(const Measured& row) const {
    const auto own = rows_.find(row.program + "-" + row.device_class);
    return own != rows_.end() ? own->second : rows_.at(row.program + "-any");
  }
  [[nodiscard]] std::map<std::string, SpeedConstants>& all() { return rows_; }

 private:
  void fit_llama_cpp(const Rows& all);
  /// What a layer costs is taken from batch 1, where it is seen best.
  void fit_served(const Rows& all);

  std::map<std::string, SpeedConstants> rows_;
};

}  // namespace paramcount
