// JSON and JSON lines: the tree of values as it is, exact integers, nothing rounded or localised.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/json_text.hpp"
#include "report/renderers.hpp"

namespace paramcount {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Value& value) {
  if (const auto* flag = value.as<bool>()) return *flag;
  if (const auto* whole = value.as<std::int64_t>()) return *whole;
  if (const auto* number = value.as<double>()) return *number;
  if (const auto* text = value.as<std::string>()) return *text;
  Json json;
  if (const auto* list = value.as<Value::List>()) {
    json = Json::array();
    for (const auto& item : *list) json.push_back(json_of(item));
  } else if (const auto* object = value.as<Value::Object>()) {
    json = Json::object();
    for (const auto& [key, member] : *object) json[key] = json_of(member);
  }
  return json;
}

Json json_of(const Row& row) {
  if (row.kind == Row::Kind::value) return json_of(row.value);
  Json json = row.kind == Row::Kind::list ? Json::array() : Json::object();
  for (const auto& child : row.children) {
    if (row.kind == Row::Kind::list) {
      json.push_back(json_of(child));
    } else {
      json[child.key] = json_of(child);
    }
  }
  return json;
}

/// The same on one line, without a tree in between: bulk output spends its time here.
class LineWriter {
 public:
  LineWriter() = default;
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  void row(const Row& row) {
    if (row.kind == Row::Kind::value) return value(row.value);
    const bool is_list = row.kind == Row::Kind::list;
    put(is_list ? '[' : '{');
    bool first = true;
    for (const auto& child : row.children) {
      if (!first) put(',');
      first = false;
      if (!is_list) key(child.key);
      this->row(child);
    }
    put(is_list ? ']' : '}');
  }

  void key(std::string_view name) {
    text(name);
    put(':');
  }

  void put(char c) {
    need(1);
    begin_[size_++] = c;
  }

  void append_to(std::string& out) const { out.append(begin_, size_); }

 private:
  void need(std::size_t more) {
    if (capacity_ - size_ < more) grow(more);
  }

  void grow(std::size_t more) {
    capacity_ = std::max(2 * capacity_, size_ + more);
    std::unique_ptr<char[]> larger(new char[capacity_]);
    std::memcpy(larger.get(), begin_, size_);
    long_ = std::move(larger);
    begin_ = long_.get();
  }

  void raw(std::string_view bytes) {
    need(bytes.size());
    std::memcpy(begin_ + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }

  void text(std::string_view text) {
    if (!is_plain_json(text)) return raw(Json(text).dump());
    need(text.size() + 2);
    char* const at = begin_ + size_;
    at[0] = '"';
    std::memcpy(at + 1, text.data(), text.size());
    at[text.size() + 1] = '"';
    size_ += text.size() + 2;
  }

  void number(double number) {
    if (!std::isfinite(number)) return raw("null");
    need(kLongestNumber);
    char* const at = begin_ + size_;
    size_ += static_cast<std::size_t>(nlohmann::detail::to_chars(at, at + kLongestNumber, number) - at);
  }

  void number(std::int64_t number) {
    need(kLongestNumber);
    char* const at = begin_ + size_;
    size_ += static_cast<std::size_t>(std::to_chars(at, at + kLongestNumber, number).ptr - at);
  }

  void value(const Value& value) {
    if (const auto* whole = value.as<std::int64_t>()) return number(*whole);
    if (const auto* words = value.as<std::string>()) return text(*words);
    if (const auto* fraction = value.as<double>()) return number(*fraction);
    if (const auto* flag = value.as<bool>()) return raw(*flag ? "true" : "false");
    bool first = true;
    const auto comma = [&] {
      if (!first) put(',');
      first = false;
    };
    if (const auto* list = value.as<Value::List>()) {
      put('[');
      for (const auto& item : *list) {
        comma();
        this->value(item);
      }
      put(']');
    } else if (const auto* object = value.as<Value::Object>()) {
      put('{');
      for (const auto& [name, member] : *object) {
        comma();
        key(name);
        this->value(member);
      }
      put('}');
    } else {
      raw("null");
    }
  }

  static constexpr std::size_t kLongestNumber = 64;
  static constexpr std::size_t kUsualLine = 4096;
  char usual_[kUsualLine];
  std::unique_ptr<char[]> long_;
  char* begin_{usual_};
  std::size_t capacity_{kUsualLine};
  std::size_t size_{0};
};

}  // namespace

std::string render_json(const Report& report, const Surface&) {
  Json json;
  json["schema"] = "paramcount/1";
  auto& list = json[report.collection] = Json::array();
  for (const auto& model : report.models) list.push_back(json_of(model));
  for (const auto& extra : report.extras) json[extra.key] = json_of(extra);
  return json.dump(2) + "\n";
}

void append_jsonl(const Row& object, std::string& out) {
  LineWriter line;
  line.row(object);
  line.put('\n');
  line.append_to(out);
}

std::string render_jsonl(const Report& report, const Surface&) {
  std::string text;
  for (const auto& model : report.models) append_jsonl(model, text);
  LineWriter line;
  for (const auto& extra : report.extras) {
    line.put('{');
    line.key(extra.key);
    line.row(extra);
    line.put('}');
    line.put('\n');
  }
  line.append_to(text);
  return text;
}

}  // namespace paramcount
