#include "report/parts_report.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/tables.hpp"

namespace paramcount {
namespace {

std::string listing(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) text += (i == 0 ? "" : ", ") + printable(names[i]);
  if (names.size() > kMost) text += " and " + grouped(names.size() - kMost) + " more";
  return text;
}

}  // namespace

void tell_parts(const Answer& answer, Tree& tree) {
  const auto& inventory = answer.inventory;
  if (!inventory.parts.empty()) {
    const auto list = tree.list("parts", "parts");
    for (const auto& part : inventory.parts) {
      const auto row = tree.group("");
      tree.text("path", "path", printable(part.path));
      tree.text("kind", "class", printable(part.kind));
      tree.leaf("family", "family", part.family.empty() ? Value() : Value(part.family));
      tree.leaf("in_total", "in the total", !part.apart && part.problem.empty());
      if (part.problem.empty()) {
        tree.leaf("params", "parameters", part.params);
      } else {
        tree.text("error", "why it is not counted", part.problem);
      }
    }
  }
  if (inventory.incomplete()) tree.leaf("incomplete", "parts are missing from the total", true);
  if (!answer.model.left_out.empty()) {
    const auto list = tree.list("left_out", "weights in the folder that are not counted");
    for (const auto& name : answer.model.left_out) tree.text("", "", printable(name));
  }
}

PageTable parts_table(const Answer& answer, const Figures& figures) {
  PageTable table = own_table("Parts", {{"parameters"}, {""}});
  for (std::size_t i = 0; i < answer.inventory.parts.size(); ++i) {
    const auto& part = answer.inventory.parts[i];
    const std::string key = "parts." + std::to_string(i);
    Line line{{printable(part.path), Style::plain, key + ".path"}, {}};
    std::string remark = printable(part.kind);
    if (part.problem.empty()) {
      line.cells.push_back(figures.cell(key + ".params"));
      line.cells.push_back(part.apart               ? Cell{"separate"}
                           : part.params.value == 0 ? Cell{}
                                                    : figures.share(key + ".params", "params.total"));
      if (part.family.empty()) remark += std::string(remark.empty() ? "" : ", ") + "counted from its files";
    } else {
      line.cells = {{"–"}, {part.apart ? "separate" : ""}};
      remark += std::string(remark.empty() ? "" : ", ") + "not counted";
    }
    line.remark = {std::move(remark), Style::dim, key + ".kind"};
    table.lines.push_back(std::move(line));
  }
  return table;
}

std::string incomplete_reason(const Inventory& inventory) {
  std::string text;
  for (const auto& part : inventory.parts) {
    if (part.apart || part.problem.empty()) continue;
    text += (text.empty() ? "" : "; ") + printable(part.path) + ": " + part.problem;
  }
  return text;
}

void part_notes(const Answer& answer, std::vector<Note>& notes) {
  const auto& inventory = answer.inventory;
  if (inventory.incomplete())
    notes.push_back({"incomplete", "not in the total: " + incomplete_reason(inventory) + ".", Note::Weight::answer});
  const bool gguf = std::any_of(answer.weights.begin(), answer.weights.end(),
                                [](const WeightMemory& memory) { return memory.header.has_value(); });
  std::vector<std::string> not_in_gguf;
  std::vector<std::string> apart;
  for (const auto& part : inventory.parts) {
    if (part.apart && part.problem.empty()) apart.push_back(part.path);
    if (part.apart && !part.problem.empty())
      notes.push_back({printable(part.path), "not counted: " + part.problem + ".", Note::Weight::answer});
    if (gguf && !part.apart && part.path != inventory.parts.front().path && part.params.value > 0) {
      not_in_gguf.push_back(part.path);
    }
    if (!part.doubt.empty()) notes.push_back({printable(part.path), part.doubt + ".", Note::Weight::answer});
  }
  if (!not_in_gguf.empty()) {
    notes.push_back(
        {"GGUF", "sizes in llama.cpp's file types are without " + listing(not_in_gguf) + ".", Note::Weight::answer});
  }
  if (!apart.empty()) {
    notes.push_back({"separate",
                     listing(apart) + (apart.size() == 1 ? " is" : " are") + " next to the model and not in its total.",
                     Note::Weight::answer});
  }
  if (!answer.model.left_out.empty()) {
    notes.push_back({"not counted",
                     listing(answer.model.left_out) + ": other weights in the folder (copies, other forms, adapters).",
                     Note::Weight::answer});
  }
}

}  // namespace paramcount
