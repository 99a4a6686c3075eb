// A model's llama.cpp files: for each file type by the quantiser's rules, or as in the GGUF that was read.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/gguf.hpp"
#include "paramcount/estimate/offload.hpp"
#include "paramcount/estimate/weights.hpp"

namespace paramcount {

/// The format of weights as files hold them, which no name says.
inline constexpr std::string_view kStored = "as stored";

/// Each file is made when it is first asked for, and kept.
class GgufFiles {
 public:
  /// All must outlive it.
  GgufFiles(const Model& model, const Inventory& inventory, const Catalog& catalog, Expander& expander)
      : model_(model), inventory_(inventory), catalog_(catalog), expander_(expander) {}

  struct File {
    GgufFile file;
    std::unique_ptr<Offload> offload;
  };
  /// As llama.cpp has the model; nullptr: its converter does not know it.
  [[nodiscard]] const GgufInventory* inventory() const;
  /// Throws Error where there is no such file of the model.
  [[nodiscard]] const File& file(const WeightFormat& format) const;

 private:
  struct Gguf {
    std::optional<GgufInventory> inventory;
    std::string problem;
    std::unique_ptr<const Quantisation> quantisation;
  };
  [[nodiscard]] const Gguf& gguf() const;
  [[nodiscard]] GgufFile stored_file() const;

  const Model& model_;
  const Inventory& inventory_;
  const Catalog& catalog_;
  Expander& expander_;
  mutable std::optional<Gguf> gguf_;
  mutable std::map<std::string, File> files_;
};

}  // namespace paramcount
