// The pages and values of `paramcount list` that are more than the rows of one table (catalog_lists.cpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "paramcount/catalog/device.hpp"
#include "paramcount/catalog/dtype.hpp"
#include "paramcount/catalog/file_type.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// A model as lists show it; 0: not disclosed, or does not exist.
struct ListedModel {
  Label id, name, family, released, lab, licence, modality;
  Label unverified;  ///< as Model::unverified
  std::uint64_t total{0}, active{0}, context{0};
};

/// `by`: what the models of a table share, and its heading says; nullptr: one table of all. `undated`: how many a
/// filter by day left out because theirs is not known.
[[nodiscard]] Report list_models_report(std::vector<ListedModel> models, Label ListedModel::*by, std::size_t undated,
                                        ReportOptions wanted);
[[nodiscard]] Report list_devices_report(const std::vector<Device>& devices, const ReportOptions& wanted);
[[nodiscard]] Report list_dtypes_report(const std::vector<Dtype>& dtypes, const std::vector<FileType>& file_types,
                                        const ReportOptions& wanted);

}  // namespace paramcount
