// Rows of data/dtypes.json and file_types.json.

#include "catalog/dtype_pattern.hpp"
#include "catalog/fields.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/dtype.hpp"
#include "paramcount/catalog/file_type.hpp"

namespace paramcount {
namespace {

/// {"bits": 32, "block": 64}, a block being neighbours, [rows, columns], "row", "column" or "tensor".
Dtype::Scale read_scale(const Value& value, const std::string& where) {
  Fields fields(value, where);
  Dtype::Scale scale;
  scale.bits = fields.count("bits").value_or(0);
  const Value& block = fields.need("block");
  const auto whole = [&](const Value& size) {
    const auto* count = size.as<std::int64_t>();
    if (count == nullptr || *count < 1) fields.fail("block", "expected a number of elements, got " + brief(size));
    return static_cast<std::uint64_t>(*count);
  };
  if (const auto* text = block.as<std::string>()) {
    if (*text != "row" && *text != "column" && *text != "tensor") {
      fields.fail("block", "expected row, column or tensor, got " + brief(block));
    }
    scale.rows = *text == "row" ? 1 : 0;
    scale.columns = *text == "column" ? 1 : 0;
  } else if (const auto* sides = block.as<Value::List>()) {
    if (sides->size() != 2) fields.fail("block", "expected [rows, columns]");
    scale.rows = whole((*sides)[0]);
    scale.columns = whole((*sides)[1]);
  } else {
    scale.columns = whole(block);
  }
  fields.finish();
  return scale;
}

/// [ending, dtype], or with a shape, and bytes: [".SCB", "F32", "vector"], [".weight_format", "U8", "one", 1].
std::vector<Dtype::Stored> read_stored(Fields& fields) {
  std::vector<Dtype::Stored> stored;
  for (const auto& item : fields.list("stored")) {
    const std::string where = "/stored/" + std::to_string(stored.size());
    const auto& parts = list_of(item, where);
    if (parts.size() < 2 || parts.size() > 4) throw Error(where + ": expected [ending, dtype, shape, bytes]");
    Dtype::Stored& one = stored.emplace_back();
    one.ending = need_text(parts[0], where);
    one.dtype = need_text(parts[1], where);
    if (parts.size() == 2) continue;
    const std::string shape = need_text(parts[2], where);
    constexpr std::array<std::string_view, 4> kShapes{"matrix", "vector", "inputs", "one"};
    one.shape = named<Dtype::Stored::Shape>(kShapes, shape, where);
    if (parts.size() == 3) continue;
    const auto* bytes = parts[3].as<std::int64_t>();
    if (bytes == nullptr || *bytes < 1) throw Error(where + ": expected a number of bytes, got " + brief(parts[3]));
    one.beside = static_cast<std::uint64_t>(*bytes);
  }
  return stored;
}

}  // namespace

Dtype Dtype::read(const Value& file_row) {
  const Value row = is_dtype_pattern(file_row) ? example_of(file_row) : file_row;
  Fields fields(row, "");
  Dtype dtype;
  dtype.id = fields.need_text("id");
  dtype.name = fields.need_text("name");
  dtype.aliases = fields.texts("aliases");
  const auto bits = fields.count("bits");
  if (!bits || *bits == 0) fields.fail("bits", "expected the bits of one element");
  dtype.bits = *bits;
  dtype.elements = fields.count("elements").value_or(1);
  if (dtype.elements == 0) fields.fail("elements", "expected at least 1");
  for (const auto& scale : fields.list("scales")) dtype.scales.push_back(read_scale(scale, "/scales"));
  for (const auto& role : fields.texts("leaves")) {
    dtype.leaves.push_back(named<RoleKind>(kRoleKindNames, role, "/leaves"));
  }
  dtype.rest = fields.text("rest");
  if (dtype.leaves.empty() != dtype.rest.empty()) fields.fail("rest", "goes with leaves");
  for (auto& [role, format] : fields.text_pairs("roles")) {
    dtype.roles.emplace_back(named<RoleKind>(kRoleKindNames, role, "/roles"), std::move(format));
  }
  dtype.exact = fields.flag("exact", false);
  dtype.refused = fields.text("refused");
  dtype.ggml_block = fields.count("ggml").value_or(0);
  if (fields.count("ggml_type").value_or(0) > 0xFFFF || (fields.get("ggml_type") != nullptr && dtype.ggml_block < 2)) {
    fields.fail("ggml_type", "expected the number of a type whose block is in ggml");
  }
  dtype.gguf_only = fields.flag("gguf_only", false);
  dtype.fallback = fields.text("fallback");
  dtype.needs_imatrix = fields.flag("needs_imatrix", false);
  dtype.units = fields.text("units");
  dtype.cache = fields.text("cache");
  dtype.stored = read_stored(fields);
  dtype.source = fields.need_text("source");
  fields.unread_text("note");
  fields.finish();
  return dtype;
}

FileType FileType::read(const Value& row) {
  Fields fields(row, "");
  FileType type;
  type.id = fields.need_text("id");
  type.aliases = fields.texts("aliases");
  const auto number = fields.count("number");
  if (!number) fields.fail("number", "expected the value of general.file_type");
  type.number = *number;
  type.type = fields.need_text("type");
  for (const auto& item : fields.list("rules")) {
    const std::string where = "/rules/" + std::to_string(type.rules.size());
    const auto* parts = item.as<Value::List>();
    if (parts == nullptr || parts->size() < 2) throw Error(where + ": expected [category, type, condition ...]");
    FileType::Rule rule;
    rule.category = named<TensorCategory>(kTensorCategoryNames, need_text((*parts)[0], where), where);
    rule.type = need_text((*parts)[1], where);
    for (std::size_t k = 2; k < parts->size(); ++k) {
      rule.conditions.push_back(named<RuleCondition>(kRuleConditionNames, need_text((*parts)[k], where), where));
    }
    type.rules.push_back(std::move(rule));
  }
  if (const auto* cost = fields.get("perplexity")) {
    Fields inner(*cost, "/perplexity");
    const auto more = inner.number("more");
    if (!more) inner.fail("more", "expected a difference of perplexity");
    type.perplexity = FileType::Perplexity{*more, inner.need_text("model"), inner.need_text("source")};
    inner.finish();
  }
  type.source = fields.need_text("source");
  fields.finish();
  return type;
}

}  // namespace paramcount
