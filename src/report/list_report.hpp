// The pages and values of `paramcount list`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "paramcount/catalog/device.hpp"
#include "paramcount/catalog/dtype.hpp"
#include "paramcount/catalog/file_type.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// A model as lists show it; 0 stands for what is not disclosed or does not exist.
struct ListedModel {
  Label id, name, family, released, lab, licence, modality;
  Label unverified;  ///< as Model::unverified
  std::uint64_t total{0}, active{0}, context{0};
};

/// A family as lists show it.
struct ListedFamily {
  std::string id, title;
  std::vector<std::string> model_types;
};

/// What the models of a table share, and its heading says; nothing: one table of all.
enum class ListBy : std::uint8_t { nothing, lab, family, licence, modality };

/// `undated`: how many a filter by day left out because theirs is not known.
[[nodiscard]] Report list_models_report(std::vector<ListedModel> models, ListBy by, std::size_t undated,
                                        ReportOptions wanted);
[[nodiscard]] Report list_devices_report(const std::vector<Device>& devices, const FigureStyle& style);
[[nodiscard]] Report list_dtypes_report(const std::vector<Dtype>& dtypes, const std::vector<FileType>& file_types);
[[nodiscard]] Report list_families_report(const std::vector<ListedFamily>& families);

}  // namespace paramcount
