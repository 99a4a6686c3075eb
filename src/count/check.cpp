#include "count/check.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/role.hpp"

namespace paramcount {
namespace {

constexpr std::array<std::string_view, 6> kFunctions{"int", "len", "max", "ceil_div", "round_up", "index_of"};
constexpr std::array<std::string_view, 8> kStateKinds{"kv",        "compressed", "window",   "cross",
                                                      "recurrent", "conv",       "borrowed", "borrowed_window"};

class Checker {
 public:
  explicit Checker(Program& program) : program_(program), family_(program.family()) {
    for (const auto& [key, value] : family_.keys) declared_.insert(key);
  }

  void run() {
    for (std::size_t i = 0; i < family_.dims.size(); ++i) {
      locating("/dims/" + family_.dims[i].name, [&] {
        if (family_.dims[i].expression.empty()) throw Error("an expression is empty");
        expression(program_.dim(i));
        static_cast<void>(program_.dim_needs(i));
      });
    }
    for (std::size_t i = 0; i < family_.indices.size(); ++i) {
      locating("/indices/" + family_.indices[i].name, [&] {
        expression(program_.index(i));
        static_cast<void>(program_.index_needs(i));
      });
    }
    if (!family_.mtp.empty()) locating("/mtp", [&] { expression(program_.mtp()); });
    bool experts = false;
    for (std::size_t i = 0; i < family_.tensors.size(); ++i) {
      const auto& tensor = family_.tensors[i];
      locating("/tensors: " + tensor.name, [&] {
        experts = experts || parse_role(tensor.role).kind == RoleKind::expert;
        row(program_.tensor_row(i));
      });
    }
    for (std::size_t i = 0; i < family_.state.size(); ++i) {
      const auto& state = family_.state[i];
      locating("/state: " + state.name, [&] {
        if (std::find(kStateKinds.begin(), kStateKinds.end(), state.role) == kStateKinds.end()) {
          throw Error(printable(state.role) +
                      ": no such state kind; known: kv, compressed, window, cross, recurrent, conv, borrowed, " +
                      "borrowed_window");
        }
        if (state.role.ends_with("window")) need_dim("window", "a row of kind window");
        if (state.role == "compressed") need_dim("compression", "a row of kind compressed");
        row(program_.state_row(i));
      });
    }
    if (experts) {
      locating("/tensors", [&] {
        need_dim("n_experts", "a row of role expert");
        need_dim("experts_per_token", "a row of role expert");
      });
    }
    for (const auto& requirement : family_.requirements) {
      locating("/requires: " + requirement.message, [&] { expression(program_.parse(requirement.condition)); });
    }
    for (const auto& repeat : family_.repeats) {
      locating("/repeats: " + repeat.prefix, [&] {
        expression(program_.parse(repeat.times));
        expression(program_.parse(repeat.of));
      });
    }
    for (std::size_t i = 0; i < family_.parts.size(); ++i) {
      locating("/parts: " + family_.parts[i].name, [&] { part(i); });
    }
    for (const auto& layer : family_.layers) {
      const auto target = program_.find(layer);
      if (!target || target->kind != Target::Kind::index) {
        throw Error("/layers: " + printable(layer) + " is not an index");
      }
    }
  }

 private:
  void need_dim(std::string_view name, std::string_view why) {
    const auto target = program_.find(name);
    if (!target || target->kind != Target::Kind::dim) {
      throw Error(std::string(why) + " needs the dimension " + std::string(name));
    }
  }

  void row(const Program::Row& made) {
    expression(*made.condition);
    for (const auto* size : made.shape) expression(*size);
  }

  void part(std::size_t i) {
    const auto made = program_.part(i);
    expression(*made.family);
    expression(*made.config);
    expression(*made.condition);
    for (const auto& [name, dim] : made.dims) expression(*dim);
    if (!family_.parts[i].role.empty()) static_cast<void>(parse_role(family_.parts[i].role));
  }

  void expression(const Expression& e) {
    for (const auto& node : e.nodes) {
      const auto word = e.word(node);
      if (node.op == Op::key && !declared_.contains(word)) {
        throw Error("`" + printable(e.text) + "`: $" + std::string(word) + " is not declared in keys");
      }
      if (node.op == Op::call && std::find(kFunctions.begin(), kFunctions.end(), word) == kFunctions.end()) {
        throw Error("`" + printable(e.text) + "`: there is no function " + std::string(word));
      }
    }
  }

  Program& program_;
  const Family& family_;
  std::set<std::string_view> declared_;
};

}  // namespace

void check_family(Program& program) { Checker(program).run(); }

}  // namespace paramcount
