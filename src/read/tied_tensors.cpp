#include "read/tied_tensors.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

struct Place {
  std::size_t tensor;
  std::uint64_t begin, end;  ///< bytes of its storage
  bool dense;                ///< all of them are its own
};

/// Sizes and strides without axes of one, by stride: equal for a matrix and the same one turned.
std::vector<std::pair<std::uint64_t, std::uint64_t>> axes(const TorchTensor& tensor) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> result;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    if (tensor.shape[i] > 1) result.emplace_back(tensor.strides[i], tensor.shape[i]);
  }
  std::sort(result.begin(), result.end());
  return result;
}

/// The tensors of one storage, by where they begin, the longest first.
void tie(const std::vector<TorchTensor>& tensors, const std::vector<Place>& places, std::uint64_t storage_bytes,
         std::vector<std::size_t>& out) {
  const Place* cover = nullptr;   // of those that are dense the one that reaches furthest
  const Place* sparse = nullptr;  // the last that is not
  std::uint64_t sum = 0;
  for (const auto& place : places) {
    const TorchTensor& tensor = tensors[place.tensor];
    if (cover != nullptr && place.end <= cover->end) {
      out[place.tensor] = cover->tensor;
      continue;
    }
    if (cover != nullptr && place.begin < cover->end) {
      throw Error(printable(tensor.name) + " overlaps " + printable(tensors[cover->tensor].name));
    }
    if (!place.dense && sparse != nullptr && sparse->begin == place.begin && sparse->end == place.end &&
        axes(tensors[sparse->tensor]) == axes(tensor)) {
      out[place.tensor] = sparse->tensor;
      continue;
    }
    (place.dense ? cover : sparse) = &place;
    sum = checked_add(sum, checked_mul(tensor.elements, tensor.element_bytes));
    if (sum > storage_bytes) {
      throw Error(printable(tensor.name) + " overlaps other tensors in a storage of " + grouped(storage_bytes) +
                  " bytes");
    }
  }
}

}  // namespace

std::vector<std::size_t> tied_tensors(const std::vector<TorchTensor>& tensors,
                                      const std::vector<TorchStorage>& storages) {
  std::vector<std::size_t> result(tensors.size());
  std::iota(result.begin(), result.end(), std::size_t{0});
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i].elements > 0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return tensors[a].storage < tensors[b].storage; });
  std::vector<Place> places;
  for (std::size_t i = 0; i < order.size();) {
    const std::uint32_t storage = tensors[order[i]].storage;
    places.clear();
    for (; i < order.size() && tensors[order[i]].storage == storage; ++i) {
      const TorchTensor& tensor = tensors[order[i]];
      const std::uint64_t begin = checked_mul(tensor.first, tensor.element_bytes);
      const std::uint64_t bytes = checked_mul(tensor.extent, tensor.element_bytes);
      places.push_back({order[i], begin, checked_add(begin, bytes), tensor.extent == tensor.elements});
    }
    std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
    tie(tensors, places, storages[storage].bytes(), result);
  }
  return result;
}

}  // namespace paramcount
