// Accessors for the values of a parsed pickle.
#include "read/pickle.hpp"

namespace paramcount {

std::optional<std::int64_t> Pickle::integer(Id id) const {
  const auto& node = nodes_[id];
  if (node.kind != Kind::integer) return std::nullopt;
  return static_cast<std::int64_t>(std::uint64_t{node.b} << 32U | node.a);
}

std::string_view Pickle::text(Id id) const {
  const auto& node = nodes_[id];
  if (node.kind != Kind::text && node.kind != Kind::bytes && node.kind != Kind::large) return {};
  return std::string_view(bytes_).substr(node.a, node.b);
}

std::string Pickle::name(Id id) const {
  const auto& node = nodes_[id];
  if (node.kind != Kind::global) return {};
  const std::string_view bytes = bytes_;
  return std::string(bytes.substr(node.a, node.b)) + "." + std::string(bytes.substr(node.c, node.d));
}

std::vector<Pickle::Cell> Pickle::cells(Id id) const {
  std::vector<Cell> result;
  const auto& node = nodes_[id];
  if (node.kind != Kind::list && node.kind != Kind::dict && node.kind != Kind::call) return result;
  for (std::uint32_t at = node.kind == Kind::call ? node.c : node.a; at != kNothing; at = cells_[at].next) {
    result.push_back(cells_[at].cell);
  }
  return result;
}

}  // namespace paramcount
