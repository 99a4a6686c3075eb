// Rows of data/packed.json.
#include "paramcount/catalog/packed_format.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "catalog/fields.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::array<std::pair<std::string_view, StoredPart>, 4> kParts{{{"scale", StoredPart::scale},
                                                                         {"zero", StoredPart::zero},
                                                                         {"order", StoredPart::order},
                                                                         {"table", StoredPart::table}}};
/// The number formats that "float" stands for.
constexpr std::array<std::string_view, 4> kFloats{"F16", "BF16", "F32", "F64"};
constexpr std::uint64_t kMostFactor = 1'000'000;

class Reader {
 public:
  explicit Reader(PackedFormat& out) : out_(out) { out_.variables = {"bits", "group"}; }

  PackedFormat::Shape shape(const std::string& text, const std::string& where) {
    PackedFormat::Shape result;
    if (text == "any" || text == "one") {
      (text == "any" ? result.any : result.one) = true;
      return result;
    }
    for (const auto word : split(text, ' ')) {
      if (word == "..." && result.sizes.empty() && !result.leading) {
        result.leading = true;
      } else {
        result.sizes.push_back(size(word, where));
      }
    }
    return result;
  }

  /// "in*bits/32": factors and divisors, numbers or variables; "out+1".
  PackedFormat::Size size(std::string_view text, const std::string& where) {
    PackedFormat::Size result;
    if (text.ends_with("+1")) {
      result.more = 1;
      text.remove_suffix(2);
    }
    bool above = true;
    for (std::size_t at = 0; at <= text.size();) {
      const auto end = std::min(text.find_first_of("*/", at), text.size());
      const auto word = text.substr(at, end - at);
      if (word.empty()) throw Error(where + ": expected a product such as in*bits/32, got " + printable(text));
      if (is_digit(word.front())) {
        std::uint64_t number = 0;
        for (const char c : word) {
          if (!is_digit(c) || number > kMostFactor) throw Error(where + ": not a number: " + printable(word));
          number = number * 10 + static_cast<std::uint64_t>(c - '0');
        }
        auto& into = above ? result.factor : result.divisor;
        if (number == 0 || number > kMostFactor || into > kMostFactor)
          throw Error(where + ": not a factor: " + printable(word));
        into *= number;
      } else {
        (above ? result.above : result.below).push_back(variable(word));
      }
      if (end < text.size()) above = text[end] == '*';
      at = end + 1;
    }
    return result;
  }

  PackedFormat::Stored stored(const Value& value, const std::string& where, std::size_t length) {
    const auto& list = list_of(value, where);
    if (list.size() != length) throw Error(where + ": expected " + std::to_string(length) + " entries");
    PackedFormat::Stored result;
    result.ending = need_text(list[0], where + "/0");
    if (result.ending.ends_with('?')) {
      result.optional = true;
      result.ending.pop_back();
    }
    for (const auto word : split(need_text(list[1], where + "/1"), ' ')) {
      if (word == "float") {
        result.dtypes.insert(result.dtypes.end(), kFloats.begin(), kFloats.end());
      } else {
        result.dtypes.emplace_back(word);
      }
    }
    result.shape = shape(need_text(list[2], where + "/2"), where + "/2");
    if (length > 3) {
      const std::string name = need_text(list[3], where + "/3");
      const auto* part = std::find_if(kParts.begin(), kParts.end(), [&](const auto& p) { return p.first == name; });
      if (part == kParts.end()) throw Error(where + "/3: expected scale, zero, order or table, got " + printable(name));
      result.part = part->second;
    }
    return result;
  }

  /// ["out", "out_features"], ["index", "log2 num_centroids/1 num_res_centroids/1"]
  PackedFormat::Given given(const Value& value, const std::string& where) {
    const auto& list = list_of(value, where);
    if (list.size() != 2) throw Error(where + ": expected a variable and where the config says it");
    PackedFormat::Given result;
    result.variable = variable(need_text(list[0], where + "/0"));
    for (const auto word : split(need_text(list[1], where + "/1"), ' ')) {
      if (word == "log2" && result.places.empty() && !result.log2) {
        result.log2 = true;
      } else {
        result.places.emplace_back(word);
      }
    }
    if (result.places.empty()) throw Error(where + "/1: expected a place in the config");
    return result;
  }

 private:
  std::uint8_t variable(std::string_view name) {
    auto& all = out_.variables;
    const auto at = static_cast<std::size_t>(std::find(all.begin(), all.end(), name) - all.begin());
    if (at == all.size()) all.emplace_back(name);
    if (all.size() > UINT8_MAX) throw Error("/payload: too many variables");
    return static_cast<std::uint8_t>(at);
  }

  PackedFormat& out_;
};

std::vector<std::uint64_t> counts(Fields& fields, std::string_view key) {
  std::vector<std::uint64_t> result;
  for (const auto& entry : fields.list(key)) {
    const auto* number = entry.as<std::int64_t>();
    if (number == nullptr || *number <= 0) fields.fail(key, "expected numbers above 0");
    result.push_back(static_cast<std::uint64_t>(*number));
  }
  return result;
}

}  // namespace

PackedFormat PackedFormat::read(const Value& row) {
  Fields fields(row, "");
  PackedFormat result;
  Reader reader(result);
  result.id = fields.need_text("id");
  result.format = fields.need_text("format");
  result.bits = counts(fields, "bits");
  result.groups = counts(fields, "groups");
  const auto* weight = fields.get("weight");
  result.weight = weight != nullptr ? need_text(*weight, "/weight") : ".weight";
  result.payload = reader.stored(fields.need("payload"), "/payload", 3);
  std::size_t i = 0;
  for (const auto& partner : list_of(fields.need("partners"), "/partners")) {
    result.partners.push_back(reader.stored(partner, "/partners/" + std::to_string(i++), 4));
  }
  result.tables = fields.texts("tables");
  const std::string elements = fields.text("elements");
  const std::string shape = fields.text("shape");
  if (!elements.empty()) {
    if (!shape.empty()) fields.fail("elements", "not beside a shape");
    result.shape.any = true;
    result.elements = reader.size(elements, "/elements");
  } else {
    const std::string plain = result.payload.shape.leading ? "... out in" : "out in";
    result.shape = reader.shape(shape.empty() ? plain : shape, "/shape");
  }
  result.padded = counts(fields, "padded");
  if (!result.padded.empty() && (result.shape.leading || result.padded.size() != result.shape.sizes.size())) {
    fields.fail("padded", "expected a number for each axis of the shape");
  }
  result.bias = fields.text("bias");
  if (!result.bias.empty() && result.padded.empty()) fields.fail("bias", "only with padded");
  result.settings = fields.text("settings");
  if (!result.settings.empty()) {
    i = 0;
    for (const auto& entry : list_of(fields.need("given"), "/given")) {
      result.given.push_back(reader.given(entry, "/given/" + std::to_string(i++)));
    }
  }
  static_cast<void>(fields.need_text("source"));
  fields.finish();
  return result;
}

}  // namespace paramcount
