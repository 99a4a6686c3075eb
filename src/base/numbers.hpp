// Formatting and parsing numbers: "405,853,388,800", "405.85 B", "15T", "8k". Units of meaning are not handled here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace paramcount {

/// 405,853,388,800
[[nodiscard]] std::string grouped(std::uint64_t value);

/// "1 tensor", "2,048 tensors"
[[nodiscard]] std::string several(std::uint64_t count, std::string_view one);

/// "4096×1024", or with other signs between; "scalar" when it is empty.
[[nodiscard]] std::string shape_text(const std::vector<std::uint64_t>& shape, std::string_view times = "×");

/// A fixed number of decimals with grouped digits before them: 1,342.05
[[nodiscard]] std::string fixed(double value, int decimals);

/// 405.85 B: two decimals and K, M, B or T, as parameters are counted. Below 1,000 the number itself.
[[nodiscard]] std::string scaled(double value);

/// 15.6 T: as scaled, but without trailing zeros: 300 B, 14.8 T.
[[nodiscard]] std::string scaled_short(double value);

/// 3.80e25: three significant digits.
[[nodiscard]] std::string scientific(double value, int significant = 3);

/// Three significant digits, grouped, no exponent: 66.2, 1,870,000, 0.0413.
[[nodiscard]] std::string significant(double value, int digits = 3);

/// 79.6 GiB: three significant digits of so many bytes.
[[nodiscard]] std::string in_gib(std::uint64_t bytes);

/// A positive number with an optional suffix: k (1,000), M, B or G, T, and an exponent. With `binary`, k is 1,024 and M
/// 1,048,576. Throws usage Error "<option>: ..." for anything else, for 0 and below, and beyond `most`.
[[nodiscard]] double parse_number(std::string_view text, std::string_view option, bool binary, double most);

/// The same, and a whole number. Throws also when it is none.
[[nodiscard]] std::uint64_t parse_count(std::string_view text, std::string_view option, bool binary,
                                        std::uint64_t most);

}  // namespace paramcount
