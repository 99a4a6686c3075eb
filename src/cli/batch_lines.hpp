// Answers one line of `paramcount batch`: its input forms, and the output line. Threads and streams are in
// src/cli/batch.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/session.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/estimate/answer.hpp"
#include "report/json_writer.hpp"

namespace paramcount {

struct BatchLimits {
  /// Whether a line may name a file. If not, it names a model of the catalog or holds a config, and nothing it says is
  /// looked for on disk.
  bool files{true};
  /// Whether a line may name a model that is elsewhere: "hf:org/name".
  bool online{false};
  std::size_t kept_answers{1};  ///< of this thread, at least one
};

/// One thread's. It keeps what it learned about families for the next line.
class LineAnswerer {
 public:
  LineAnswerer(const std::vector<std::string>& catalogs, const CommonOptions& common, Scenario scenario,
               const BatchLimits& limits);

  /// Appends an object and a newline to `out`: the answer, or {"line": number, "error": ...}. Returns whether it is an
  /// answer.
  bool answer_line(std::string_view line, std::uint64_t number, std::string& out);

 private:
  [[nodiscard]] Model model_of(std::string_view line, std::string& id);
  [[nodiscard]] Model named_model(const std::string& name) const;
  void answer_model(Model model, std::string& out);

  /// Packs what of a config an answer depends on; nothing when that is not known, or too much.
  [[nodiscard]] std::string_view digest(const Model& model);

  /// What follows id and name in the answer to a config: models tuned from one base share it, four in ten of the
  /// truth's configs. It is kept from the second time on, as most configs come once.
  struct Known {
    std::uint64_t hash{0};  ///< of the digest that was here last
    std::string digest;
    std::string rest;
  };
  std::vector<Known> known_;  ///< by the digest's hash; a later one takes the place of an earlier one
  // Memory for the next line.
  std::string digest_;
  JsonWriter line_;

  Catalog catalog_;
  Expander expander_;
  Scenario scenario_;
  bool files_;
  bool online_;
};

}  // namespace paramcount
