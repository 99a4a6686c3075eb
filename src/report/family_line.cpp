#include "report/family_line.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kMostShown = 12;

/// At most that many of them, and how many more there are.
template <class List, class Text>
std::string shown(const List& list, const Text& text) {
  std::string result;
  std::size_t i = 0;
  for (const auto& item : list) {
    if (i++ == kMostShown) break;
    result += (result.empty() ? "" : ", ") + text(item);
  }
  if (list.size() > kMostShown) result += " and " + std::to_string(list.size() - kMostShown) + " more";
  return result + ".";
}

/// The family's dimensions `drafts_for`, `shared_with_target`, `shared_parts` and `shared_stored` say it.
std::string draft_note(const Inventory& inventory) {
  const auto text = [&](std::string_view name, const std::string& otherwise) {
    const auto* value = inventory.dim(name);
    const auto* found = value != nullptr ? value->as<std::string>() : nullptr;
    return found != nullptr ? printable(*found) : otherwise;
  };
  std::string line =
      "it proposes tokens that " + text("drafts_for", "another model") + " checks, and is loaded along with it.";
  if (const auto shared = inventory.count("shared_with_target"); shared > 0) {
    line += " It uses that model's " + text("shared_parts", "tensors") + ", " + grouped(shared) +
            " parameters, which are not counted here" +
            (inventory.flag("shared_stored") ? "; its own files hold copies, among the buffers." : ".");
  }
  return line;
}

}  // namespace

void tell_family(const Inventory& inventory, Tree& tree) {
  tree.leaf("family", "family", inventory.family.empty() ? Value() : Value(inventory.family));
  if (inventory.draft) tree.leaf("draft", "a draft model", true);
  if (inventory.unverified) tree.leaf("unverified", "family not checked", true);
  if (!inventory.audited) return;
  {
    const auto list = tree.list("unread", "keys not understood");
    for (const auto& key : inventory.unread) tree.text("", "", key);
  }
  const auto list = tree.list("dims_default", "dimensions by default");
  for (const auto& [dim, key] : inventory.dims_default) tree.text("", "", dim);
}

void tell_family(const Inventory& inventory, Row& row) {
  RowTree tree(row);
  tell_family(inventory, tree);
}

std::vector<Note> family_notes(const Inventory& inventory) {
  std::vector<Note> notes;
  if (!inventory.named.empty()) notes.push_back({"name", printable(inventory.named), Note::Weight::answer});
  if (inventory.draft) notes.push_back({"draft", draft_note(inventory), Note::Weight::answer});
  if (!inventory.counted_as.empty())
    notes.push_back({"counted as", printable(inventory.counted_as) + " (--as).", Note::Weight::answer});
  if (!inventory.unread.empty()) {
    notes.push_back({"not understood", shown(inventory.unread, [](const std::string& key) { return key.substr(1); }),
                     Note::Weight::answer});
  }
  if (!inventory.dims_default.empty() && inventory.gguf) {
    notes.push_back({"not in the file",
                     shown(inventory.dims_default, [](const auto& dim) { return dim.first; }) +
                         " What depends on them uses the class's defaults.",
                     Note::Weight::answer});
  } else if (!inventory.dims_default.empty()) {
    notes.push_back(
        {"not in the config",
         "the class's default is used for " +
             shown(inventory.dims_default,
                   [](const auto& dim) { return dim.first + " (" + printable(dim.second.substr(1)) + ")"; }),
         Note::Weight::answer});
  }
  if (inventory.unverified) {
    notes.push_back(
        {"unverified family",
         "no published count or tensor listing of " + printable(inventory.family) + " was compared with this one.",
         Note::Weight::answer});
  }
  return notes;
}

void add_family_notes(const Inventory& inventory, std::vector<Note>& notes) {
  for (auto& note : family_notes(inventory)) notes.push_back(std::move(note));
}

}  // namespace paramcount
