// Reads a family file after its parents are merged in.
#include "catalog/family_file.hpp"

#include <algorithm>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "catalog/fields.hpp"
#include "catalog/spellings_file.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

std::vector<Family::Definition> definitions(Fields& fields, std::string_view key) {
  std::vector<Family::Definition> result;
  for (const auto& [name, value] : fields.members(key)) {
    const auto* text = value.as<std::string>();
    if (text == nullptr) fields.fail(joined({key, "/", name}), "expected an expression, got " + brief(value));
    result.push_back({name, *text});
  }
  return result;
}

/// The rows of a resolved file, which are known to have the right form.
std::vector<Family::Row> take_rows(Value* rows) {
  std::vector<Family::Row> result;
  if (rows == nullptr) return result;
  auto& list = *rows->as<Value::List>();
  result.reserve(list.size());
  for (auto& item : list) {
    auto& row = *item.as<Value::List>();
    auto& sizes = *row[2].as<Value::List>();
    Family::Row made{std::move(*row[0].as<std::string>()), std::move(*row[1].as<std::string>()), {}, {}};
    made.shape.reserve(sizes.size());
    for (auto& size : sizes) made.shape.push_back(std::move(*size.as<std::string>()));
    if (row.size() == 4) made.condition = std::move(*row[3].as<std::string>());
    result.push_back(std::move(made));
  }
  return result;
}

Family::Part read_part(const Value& value, const std::string& where) {
  Fields fields(value, where);
  Family::Part part;
  part.name = fields.need_text("part");
  part.family = fields.need_text("family");
  part.config = fields.text("config");
  if (part.config.empty()) part.config = "null";
  part.condition = fields.text("if");
  part.prefix = fields.text("prefix");
  part.role = fields.text("role");
  part.rename = fields.text_pairs("rename");
  part.dims = definitions(fields, "dims");
  fields.finish();
  return part;
}

Family::ClassLayout read_class_layout(const Value& section) {
  Fields fields(section, "/class_layout");
  Family::ClassLayout layout;
  layout.fused = fields.texts("fused");
  layout.parameters = fields.texts("parameters");
  layout.transposed = fields.texts("transposed");
  layout.rename = fields.text_pairs("rename");
  fields.finish();
  return layout;
}

}  // namespace

Family read_family(Value resolved) {
  Fields fields(resolved, "");
  Family family;
  family.id = fields.need_text("family");
  family.title = fields.text("title");
  family.source = fields.text("source");
  fields.unread_text("note");
  family.unverified = !fields.flag("checked", true);
  if (const auto kind = fields.text("kind"); !kind.empty() && kind != "draft") fields.fail("kind", "expected draft");
  family.draft = fields.get("kind") != nullptr;
  family.model_types = fields.texts("model_types");
  family.classes = fields.texts("classes");
  family.inert = fields.texts("inert");
  if (!fields.members("keys").empty()) {
    family.keys = std::move(*resolved.find("keys")->as<Value::Object>());
  }
  for (const auto& [key, value] : fields.members("aliases")) {
    const std::string where = "/aliases/" + printable(key);
    auto& others = family.aliases.emplace_back(key, std::vector<std::string>{}).second;
    for (const auto& other : list_of(value, where)) others.push_back(need_text(other, where));
  }
  family.dims = definitions(fields, "dims");
  family.indices = definitions(fields, "indices");
  family.layers = fields.texts("layers");
  if (family.layers.empty() && std::ranges::any_of(family.indices, [](const auto& i) { return i.name == "layer"; })) {
    family.layers = {"layer"};
  }
  if (family.layers.size() > kMostIndices) fields.fail("layers", "more than 32 indices");
  for (const auto& part : fields.list("parts")) {
    family.parts.push_back(read_part(part, "/parts/" + std::to_string(family.parts.size())));
  }
  for (const std::string_view key : {"tensors", "state"}) static_cast<void>(fields.get(key));
  family.tensors = take_rows(resolved.find("tensors"));
  family.state = take_rows(resolved.find("state"));
  family.mtp = fields.text("mtp");
  for (const auto& entry : fields.list("requires")) {
    const auto& pair = *entry.as<Value::List>();
    family.requirements.push_back({*pair[0].as<std::string>(), *pair[1].as<std::string>()});
  }
  for (const auto& entry : fields.list("repeats")) {
    const auto& parts = list_of(entry, "/repeats");
    if (parts.size() != 3) throw Error("/repeats: expected [name prefix, times, of], got " + brief(entry));
    family.repeats.push_back(
        {need_text(parts[0], "/repeats"), need_text(parts[1], "/repeats"), need_text(parts[2], "/repeats")});
  }
  if (const auto* section = fields.get("spellings")) family.spellings = read_spellings(*section, "/spellings");
  if (const auto* section = fields.get("class_layout")) family.class_layout = read_class_layout(*section);
  if (fields.get("gguf") != nullptr) family.gguf = read_gguf(std::move(*resolved.find("gguf")));
  fields.finish();
  return family;
}

Family::Gguf read_gguf(Value section) {
  Fields fields(section, "/gguf");
  Family::Gguf gguf;
  gguf.arch = fields.text("arch");
  gguf.part = fields.text("part");
  gguf.mtp = fields.flag("mtp", false);
  gguf.ignores_windows = fields.flag("ignores_windows", false);
  gguf.router_in_half = fields.flag("router_in_half", false);
  gguf.heads_everywhere = fields.flag("heads_everywhere", false);
  gguf.head_twice = fields.flag("head_twice", false);
  if (const auto* large = fields.get("large")) {
    Fields inner(*large, "/gguf/large");
    gguf.large_blocks = inner.count("blocks").value_or(0);
    gguf.large_grouped = inner.flag("grouped", false);
    if (gguf.large_blocks == 0) inner.fail("blocks", "expected at least 1");
    inner.finish();
  }
  for (const auto& [dim, key] : object_of(fields.need("keys"), "/gguf/keys")) {
    if (!key.is_null()) gguf.keys.push_back({dim, need_text(key, "/gguf/keys")});
  }
  for (const auto& [name, target] : object_of(fields.need("names"), "/gguf/names")) {
    const auto* flag = target.as<bool>();
    const bool known = flag == nullptr || *flag;
    const bool written = known && !target.is_null();
    gguf.names.push_back({name, written ? need_text(target, "/gguf/names") : std::string{}, known});
  }
  static_cast<void>(fields.need("tensors"));
  gguf.tensors = take_rows(section.find("tensors"));
  if (fields.get("state") != nullptr) gguf.state = take_rows(section.find("state"));
  fields.finish();
  return gguf;
}

void add_gguf_rows(Family& family) {
  family.tensors.insert(family.tensors.end(), family.gguf->tensors.begin(), family.gguf->tensors.end());
  if (family.gguf->state) family.state = *family.gguf->state;
}

}  // namespace paramcount
