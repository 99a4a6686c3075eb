// The pages and values of `paramcount list`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "paramcount/catalog/device.hpp"
#include "paramcount/catalog/dtype.hpp"
#include "paramcount/catalog/equivalent.hpp"
#include "paramcount/catalog/file_type.hpp"
#include "paramcount/catalog/grid.hpp"
#include "paramcount/catalog/optimizer.hpp"
#include "paramcount/catalog/published_training.hpp"
#include "paramcount/catalog/scaling_law.hpp"
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

/// `by`: what the models of a table share, and its heading says; nullptr: one table of all. `undated`: how many a
/// filter by day left out because theirs is not known.
[[nodiscard]] Report list_models_report(std::vector<ListedModel> models, Label ListedModel::*by, std::size_t undated,
                                        ReportOptions wanted);
[[nodiscard]] Report list_report(const std::vector<Device>& devices, const ReportOptions& wanted);
[[nodiscard]] Report list_report(const std::vector<ListedFamily>& families, const ReportOptions& wanted);
[[nodiscard]] Report list_report(const std::vector<PublishedTraining>& runs, const ReportOptions& wanted);
[[nodiscard]] Report list_report(const std::vector<Optimizer>& optimizers, const ReportOptions& wanted);
[[nodiscard]] Report list_report(const std::vector<Grid>& grids, const ReportOptions& wanted);
[[nodiscard]] Report list_report(const std::vector<ScalingLaw>& laws, const ReportOptions& wanted);
[[nodiscard]] Report list_report(const std::vector<Equivalent>& equivalents, const ReportOptions& wanted);
[[nodiscard]] Report list_dtypes_report(const std::vector<Dtype>& dtypes, const std::vector<FileType>& file_types,
                                        const ReportOptions& wanted);

}  // namespace paramcount
