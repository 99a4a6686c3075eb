// OpenMetrics 1.0 text, as read by Prometheus and its node exporter's textfile collector: a gauge per number of the
// tree, named by its key without list positions. Those, and what distinguishes list members, are labels.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "base/text.hpp"
#include "report/keys.hpp"
#include "report/renderers.hpp"

namespace paramcount {
namespace {

/// Texts of an object that say which of several it is.
constexpr std::array<std::string_view, 8> kNames{"id", "path", "name", "dtype", "runtime", "device", "law", "kind"};

std::string metric_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool plain = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    name += plain ? c : '_';
  }
  return name;
}

std::string label_value(std::string_view text) {
  std::string value = printable(text);
  replace_all(value, "\\", "\\\\");
  replace_all(value, "\"", "\\\"");
  return value;
}

using Labels = std::map<std::string, std::string>;

struct Family {
  std::string name;
  std::string help;
  std::string samples;
};

class Metrics {
 public:
  void object(const Row& row, const std::string& name, Labels labels) {
    for (const auto& child : row.children) {
      const auto* text = child.value.as<std::string>();
      if (text == nullptr || text->empty()) continue;
      if (std::find(kNames.begin(), kNames.end(), child.key.text()) != kNames.end()) {
        labels[metric_name(child.key.text())] = *text;
      }
    }
    for (const auto& child : row.children) node(child, joined_name(name, child.key.text()), labels);
  }

  /// `name` is that of the row itself.
  void node(const Row& row, const std::string& name, const Labels& labels) {
    if (row.kind == Row::Kind::value) return value(row.value, std::string(row.label.text()), name, labels);
    if (row.kind == Row::Kind::object) return object(row, name, labels);
    for (std::size_t i = 0; i < row.children.size(); ++i) node(row.children[i], name, at(labels, name, i));
  }

  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& family : families_) {
      out += "# TYPE " + family.name + " gauge\n";
      if (!family.help.empty()) out += "# HELP " + family.name + " " + label_value(family.help) + "\n";
      out += family.samples;
    }
    return out + "# EOF\n";
  }

 private:
  static std::string joined_name(const std::string& name, std::string_view key) {
    return name + "_" + metric_name(key);
  }

  static Labels at(Labels labels, const std::string& list, std::size_t position) {
    labels[list.substr(list.find('_') + 1)] = std::to_string(position);
    return labels;
  }

  void value(const Value& value, const std::string& help, const std::string& name, const Labels& labels) {
    if (const auto* list = value.as<Value::List>()) {
      for (std::size_t i = 0; i < list->size(); ++i) this->value((*list)[i], help, name, at(labels, name, i));
    } else if (const auto* object = value.as<Value::Object>()) {
      for (const auto& [key, member] : *object) this->value(member, help, joined_name(name, key), labels);
    } else if (const auto* flag = value.as<bool>()) {
      sample(*flag ? "1" : "0", help, name, labels);
    } else if (value.is_number()) {
      const auto* number = value.as<double>();
      if (number == nullptr || std::isfinite(*number)) sample(bare(value), help, name, labels);
    }
  }

  void sample(const std::string& number, const std::string& help, const std::string& name, const Labels& labels) {
    const auto [found, added] = places_.try_emplace(name, families_.size());
    if (added) families_.push_back({name, help, {}});
    std::string text = name;
    for (const auto& [key, one] : labels) {
      text += (text.size() == name.size() ? "{" : ",") + key + "=\"" + label_value(one) + "\"";
    }
    if (!labels.empty()) text += '}';
    families_[found->second].samples += text + " " + number + "\n";
  }

  std::vector<Family> families_;
  std::map<std::string, std::size_t> places_;
};

}  // namespace

std::string render_openmetrics(const Report& report, const Surface&) {
  Metrics metrics;
  const std::string prefix = "paramcount";
  for (std::size_t i = 0; i < report.models.size(); ++i) {
    Labels labels;
    if (report.models.size() > 1) labels[metric_name(report.collection)] = std::to_string(i);
    metrics.object(report.models[i], prefix, labels);
  }
  for (const auto& extra : report.extras) metrics.node(extra, prefix + "_" + metric_name(extra.key.text()), {});
  return metrics.text();
}

}  // namespace paramcount
