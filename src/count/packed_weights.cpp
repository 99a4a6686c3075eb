#include "count/packed_weights.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "count/packed_settings.hpp"
#include "count/packed_shape.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

bool has_dtype(const PackedFormat::Stored& described, std::string_view dtype) {
  return std::ranges::find(described.dtypes, dtype) != described.dtypes.end();
}

bool same_weight(const PackedReading& a, const PackedReading& b) {
  return a.elements == b.elements && a.shape == b.shape;
}

/// Whether groups of that size are as many as the scales; the last of them need not be whole.
bool same_groups(const PackedReading& reading, std::uint64_t group) {
  if (group == 0 || reading.group == 0 || reading.group == group) return true;
  return !reading.shape.empty() &&
         ceil_div(reading.shape.back(), group) == ceil_div(reading.shape.back(), reading.group);
}

std::string format_text(const PackedFormat& format, std::uint64_t bits) {
  std::string text = format.format;
  replace_all(text, "{bits}", std::to_string(bits));
  return text;
}

std::string width_text(std::uint64_t bits, std::uint64_t group) {
  return std::to_string(bits) + " bits" + (group > 0 ? " in groups of " + std::to_string(group) : "");
}

/// A reading and the format it is one of.
struct Candidate {
  const PackedFormat* format{nullptr};
  PackedReading reading;
};

class Unpacker {
 public:
  Unpacker(StoredWeights& stored, Partners& partners, std::vector<bool>& taken)
      : stored_(stored), partners_(partners), taken_(taken), settings_(stored.checkpoint->packed_settings) {}

  /// Whether the format may be that of a tensor so named and of such numbers.
  bool may_store(const PackedFormat& format, const StoredTensor& tensor) {
    return has_dtype(format.payload, tensor.dtype) && settings_.have(format, module_of(format, tensor));
  }

  /// `formats`: those whose payload has the group's name and number format.
  void unpack(std::size_t g, const std::vector<const PackedFormat*>& formats) {
    const auto& ending = formats.front()->payload.ending;
    module_ = stored_.groups[g].names.key;
    module_.resize(module_.size() - ending.size());
    if (ending == ".weight" && !any_partner(formats)) return;
    const NameGroup names = stored_.groups[g].names;
    std::vector<const PackedFormat*> used;
    for (std::size_t m = 0; m < names.members.size(); ++m) {
      const auto& tensor = stored_.stored(names.members[m]);
      // One of another number format was not packed.
      if (!has_dtype(formats.front()->payload, tensor.dtype) && !is_packed(formats, tensor)) continue;
      const std::string why = read(formats, names, m, used);
      if (why.empty()) continue;
      auto& group = stored_.groups[g];
      group.part = StoredPart::unknown;
      group.why = why;
      group.culprit = names.members[m];
      taken_[g] = true;
      return;
    }
    if (used.empty()) return;
    settle(g, names, used);
  }

 private:
  [[nodiscard]] static bool is_packed(const std::vector<const PackedFormat*>& formats, const StoredTensor& tensor) {
    return std::ranges::any_of(formats, [&](const auto* format) { return has_dtype(format->payload, tensor.dtype); });
  }

  [[nodiscard]] bool any_partner(const std::vector<const PackedFormat*>& formats) const {
    return std::ranges::any_of(formats, [&](const auto* format) {
      return std::ranges::any_of(format->partners, [&](const auto& partner) {
        const auto group = partners_.find(module_ + partner.ending);
        return !partner.optional && group && has_dtype(partner, first_of(*group).dtype);
      });
    });
  }

  static std::string_view module_of(const PackedFormat& format, const StoredTensor& payload) {
    return payload.name.substr(0, payload.name.size() - format.payload.ending.size());
  }

  [[nodiscard]] const StoredTensor& first_of(std::size_t group) const {
    return stored_.stored(stored_.groups[group].names.members.front());
  }

  /// Reads one member; returns why it cannot be, or nothing.
  std::string read(const std::vector<const PackedFormat*>& formats, const NameGroup& names, std::size_t m,
                   std::vector<const PackedFormat*>& used) {
    std::vector<Candidate> found;
    std::string lacking;
    std::string disagreeing;
    for (const auto* format : formats) {
      std::vector<DescribedTensor> tensors;
      std::vector<std::uint64_t> given;
      const std::string missing = describe(*format, names, m, tensors, given);
      if (!missing.empty()) {
        if (lacking.empty()) lacking = missing;
        continue;
      }
      const std::vector<std::uint64_t> none{0};
      const auto before = found.size();
      for (const auto bits : format->bits.empty() ? none : format->bits) {
        for (auto& reading : readings(*format, tensors, bits, given)) {
          if (has_usual_group(reading)) found.push_back({format, std::move(reading)});
        }
      }
      if (found.size() == before && disagreeing.empty()) {
        disagreeing = disagreement(*format, tensors, given);
      }
    }
    if (found.empty()) {
      return !disagreeing.empty() ? disagreeing : lacking;
    }
    if (std::string why = by_config(found); !why.empty()) return why;
    if (!std::ranges::all_of(found, [](const auto& c) { return c.reading.exact; })) {
      auto exact = found;
      std::erase_if(exact, [](const auto& c) { return !c.reading.exact; });
      if (!exact.empty()) found = std::move(exact);
    }
    const auto tensor = names.members[m];
    const auto& first = found.front();
    const bool sure = std::ranges::all_of(found, [&](const auto& c) { return same_weight(c.reading, first.reading); });
    if (sure && first.format->padded.empty()) {
      stored_.set_logical(tensor, logical(first));
    } else {
      stored_.set_logical(tensor, {});
      auto& readings = stored_.readings[tensor];
      for (const auto& candidate : found) readings.push_back(logical(candidate));
    }
    for (const auto& candidate : found) {
      if (std::ranges::find(used, candidate.format) == used.end()) used.push_back(candidate.format);
    }
    return {};
  }

  /// That of the shapes; where these give the size of a group rounded up only, one for each size that exists.
  [[nodiscard]] static std::vector<PackedReading> readings(const PackedFormat& format,
                                                           const std::vector<DescribedTensor>& tensors,
                                                           std::uint64_t bits,
                                                           const std::vector<std::uint64_t>& given) {
    std::vector<PackedReading> result;
    const auto add = [&](std::uint64_t group) {
      auto reading = read_shapes(format, tensors, bits, group, given);
      if (reading) result.push_back(std::move(*reading));
      return reading.has_value();
    };
    if (add(0) && result.front().exact) return result;
    for (const auto group : format.groups) add(group);
    if (result.size() > 1 && !result.front().exact) result.erase(result.begin());
    return result;
  }

  /// Whole groups of a multiple of eight, a whole row, or as many groups as the config's size makes.
  [[nodiscard]] bool has_usual_group(const PackedReading& reading) const {
    constexpr std::uint64_t kMultiple = 8;
    if (reading.group == 0 || reading.shape.empty() || reading.group >= reading.shape.back()) return true;
    if (reading.shape.back() % reading.group == 0 && reading.group % kMultiple == 0) return true;
    const auto& widths = stored_.checkpoint->packed_widths;
    return std::ranges::any_of(widths,
                               [&](const auto& width) { return width.group > 0 && same_groups(reading, width.group); });
  }

  [[nodiscard]] static LogicalShape logical(const Candidate& candidate) {
    return {candidate.reading.shape, candidate.reading.elements, format_text(*candidate.format, candidate.reading.bits),
            candidate.format->padded};
  }

  /// The payload, the partners that are there and what the config says of them; or what is not.
  std::string describe(const PackedFormat& format, const NameGroup& names, std::size_t m,
                       std::vector<DescribedTensor>& tensors, std::vector<std::uint64_t>& given) {
    const auto& payload = stored_.stored(names.members[m]);
    if (!has_dtype(format.payload, payload.dtype)) return "no format of that name stores " + std::string(payload.dtype);
    try {
      given = settings_.of(format, module_of(format, payload));
    } catch (const Error& error) {
      return error.what();
    }
    tensors.emplace_back(&format.payload.shape, &payload);
    for (const auto& partner : format.partners) {
      const auto* tensor = partners_.partner(partners_.find(module_ + partner.ending), names, m);
      if (tensor != nullptr && has_dtype(partner, tensor->dtype)) {
        tensors.emplace_back(&partner.shape, tensor);
      } else if (tensor != nullptr && !partner.optional) {
        return "its " + partner.ending.substr(1) + " is " + std::string(tensor->dtype);
      } else if (!partner.optional) {
        return "there is no " + partner.ending.substr(1) + " next to it";
      }
    }
    return {};
  }

  /// Why the shapes have no reading.
  static std::string disagreement(const PackedFormat& format, const std::vector<DescribedTensor>& tensors,
                                  const std::vector<std::uint64_t>& given) {
    if (!given.empty() && readings(format, {tensors.front()}, 0, given).empty()) {
      return "its shape contradicts its " + format.settings + ": " + given_text(format, given);
    }
    return "its shape and those next to it contradict each other: " + shapes_text(tensors);
  }

  static std::string shapes_text(const std::vector<DescribedTensor>& tensors) {
    std::string text;
    for (const auto& [shape, tensor] : tensors) {
      if (shape->any) continue;
      const auto dot = tensor->name.rfind('.');
      if (!text.empty()) text += ", ";
      text +=
          printable(tensor->name.substr(dot == std::string_view::npos ? 0 : dot + 1)) + " " + shape_text(tensor->shape);
    }
    return text;
  }

  /// Leaves the readings that the config names; why none is, where it names others.
  [[nodiscard]] std::string by_config(std::vector<Candidate>& found) const {
    const auto& widths = stored_.checkpoint->packed_widths;
    if (widths.empty()) return {};
    const auto named = [&](const Candidate& candidate) {
      const auto& reading = candidate.reading;
      return reading.bits == 0 || std::ranges::any_of(widths, [&](const auto& width) {
               return width.bits == reading.bits && same_groups(reading, width.group);
             });
    };
    auto agreeing = found;
    std::erase_if(agreeing, [&](const auto& candidate) { return !named(candidate); });
    if (agreeing.empty()) {
      const auto& reading = found.front().reading;
      return "the config says " + width_text(widths.front().bits, widths.front().group) + ", the shapes " +
             width_text(reading.bits, reading.group);
    }
    found = std::move(agreeing);
    return {};
  }

  /// The group is weights: its name, and the companion tensors of the formats in use.
  void settle(std::size_t g, const NameGroup& names, const std::vector<const PackedFormat*>& used) {
    auto& group = stored_.groups[g];
    taken_[g] = true;
    const bool open =
        std::ranges::any_of(names.members, [&](auto member) { return stored_.readings.contains(member); });
    group.part = open ? StoredPart::unknown : StoredPart::weight;
    group.undecided = open;
    group.names.key = module_ + used.front()->weight;
    for (const auto member : names.members) {
      if (!stored_.is_packed(member) || stored_.is_open(member)) continue;
      group.format = stored_.logical[stored_.logical_of[member] - 1].format;
      break;
    }
    for (const auto* format : used) {
      for (const auto& partner : format->partners) mark(module_ + partner.ending, partner.part);
      for (const auto& table : format->tables) mark(module_ + "." + table, StoredPart::table);
      if (open && !format->bias.empty()) open_bias(*format, names);
    }
  }

  /// Biases that are as long as the stored outputs may be filled up as these are.
  void open_bias(const PackedFormat& format, const NameGroup& weights) {
    const auto group = partners_.find(module_ + format.bias);
    if (!group || taken_[*group]) return;
    for (std::size_t m = 0; m < weights.members.size(); ++m) {
      const auto found = stored_.readings.find(weights.members[m]);
      const auto bias = partners_.partner_of(group, weights, m);
      if (found == stored_.readings.end() || !bias) continue;
      const auto& weight = found->second.front();
      const auto& tensor = stored_.stored(*bias);
      if (weight.shape.empty() || tensor.shape.size() != 1 || tensor.shape.front() != weight.shape.front()) continue;
      stored_.set_logical(*bias, {});
      stored_.readings[*bias] = {{tensor.shape, tensor.elements, format_name(tensor.dtype), {weight.padded.front()}}};
      stored_.groups[*group].part = StoredPart::unknown;
      stored_.groups[*group].undecided = true;
      taken_[*group] = true;
    }
  }

  void mark(const std::string& key, StoredPart part) {
    const auto group = partners_.find(key);
    if (!group || taken_[*group]) return;
    stored_.groups[*group].part = part;
    taken_[*group] = true;
  }

  StoredWeights& stored_;
  Partners& partners_;
  std::vector<bool>& taken_;
  PackedSettings settings_;
  std::string module_;
};

}  // namespace

void unpack_known(StoredWeights& stored, Partners& partners, const std::vector<PackedFormat>& formats,
                  std::vector<bool>& taken) {
  Unpacker unpacker(stored, partners, taken);
  std::vector<const PackedFormat*> fitting;
  for (std::size_t g = 0; g < stored.groups.size(); ++g) {
    if (taken[g]) continue;
    const auto& names = stored.groups[g].names;
    fitting.clear();
    for (const auto& format : formats) {
      if (!names.key.ends_with(format.payload.ending)) continue;
      const bool stores = std::ranges::any_of(
          names.members, [&](auto member) { return unpacker.may_store(format, stored.stored(member)); });
      if (stores && (fitting.empty() || fitting.front()->payload.ending == format.payload.ending)) {
        fitting.push_back(&format);
      }
    }
    if (!fitting.empty()) unpacker.unpack(g, fitting);
  }
}

}  // namespace paramcount
