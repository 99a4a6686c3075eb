// Reads data/lang/<code>.json: translations of pages, keyed by the English text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "paramcount/base/value.hpp"

namespace paramcount {

struct Language {
  std::string id;      ///< of BCP 47: "fa"
  std::string name;    ///< in English
  std::string digits;  ///< its ten digits, zero first
  std::string comma;   ///< what groups its digits
  std::string point;   ///< before its decimals
  bool right_to_left{false};
  /// English and its translation. In English "{#}" stands for a figure, "{}" for a text that is translated too, "{=}"
  /// for one that stays (a name, a source, a command); in the translation "{1}" is the first of them.
  std::vector<std::pair<std::string, std::string>> phrases;
  std::vector<std::string> names;  ///< words that stay as they are: bf16, llama.cpp
};

/// Throws Error naming the field that is wrong, or a phrase whose translation lacks a placeholder.
[[nodiscard]] Language read_language(const Value& file);

/// All of a folder, packed, with their ids: what is built in. Throws Error naming the file that is wrong.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> pack_languages(const std::string& folder);

/// Of the built-in ones; nothing where there is none of that id.
[[nodiscard]] std::optional<Language> find_language(std::string_view id);

/// "en, fa"
[[nodiscard]] std::string language_ids();

}  // namespace paramcount
