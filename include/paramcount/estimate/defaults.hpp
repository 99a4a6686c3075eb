// Defaults of estimates for anything neither given nor published. Help texts and notes name these too.
#pragma once

#include <cstdint>
#include <string_view>

namespace paramcount {

inline constexpr std::uint64_t kDefaultContext = 8192;  ///< tokens, or the model's positions where they are fewer

inline constexpr double kDefaultTokensPerParameter = 20;  ///< arXiv:2203.15556, table 3
inline constexpr std::string_view kDefaultDevice = "h100-sxm";
inline constexpr double kDefaultMfu = 0.40;
inline constexpr std::string_view kDefaultPricing = "on-demand";
inline constexpr double kDefaultPue = 1.1;  ///< of large operators (Google, 2021; Llama papers)
/// Electricity of industry in the United States, January 2026 (EIA).
inline constexpr double kDefaultDollarsPerKwh = 0.0929;
inline constexpr std::string_view kDefaultGrid = "usa";
inline constexpr std::string_view kDefaultOptimizer = "adamw";
inline constexpr std::string_view kDefaultFrozenDtype = "bf16";  ///< of frozen weights under adapters
inline constexpr std::string_view kDefaultLaw = "besiroglu";

}  // namespace paramcount
