#include "catalog/pack.hpp"

#include <cstring>

#include "paramcount/error.hpp"

namespace paramcount {
namespace {

enum Tag : char { kNull, kFalse, kTrue, kInteger, kDouble, kText, kList, kObject };

void put_number(std::string& out, std::uint64_t v) {
  for (; v >= 0x80; v >>= 7U) out += static_cast<char>(0x80U | (v & 0x7FU));
  out += static_cast<char>(v);
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out += text;
}

void put(std::string& out, const Value& value) {
  if (value.is_null()) {
    out += kNull;
  } else if (const auto* flag = value.as<bool>()) {
    out += *flag ? kTrue : kFalse;
  } else if (const auto* whole = value.as<std::int64_t>()) {
    out += kInteger;
    const auto bits = static_cast<std::uint64_t>(*whole);
    put_number(out, (bits << 1U) ^ (*whole < 0 ? ~std::uint64_t{0} : 0));
  } else if (const auto* number = value.as<double>()) {
    out += kDouble;
    out.append(reinterpret_cast<const char*>(number), sizeof *number);
  } else if (const auto* text = value.as<std::string>()) {
    out += kText;
    put_text(out, *text);
  } else if (const auto* list = value.as<Value::List>()) {
    out += kList;
    put_number(out, list->size());
    for (const auto& item : *list) put(out, item);
  } else {
    const auto& object = *value.as<Value::Object>();
    out += kObject;
    put_number(out, object.size());
    for (const auto& [key, member] : object) {
      put_text(out, key);
      put(out, member);
    }
  }
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  Value value() {
    switch (take()) {
      case kNull:
        return {};
      case kFalse:
        return false;
      case kTrue:
        return true;
      case kInteger: {
        const auto v = number();
        return static_cast<std::int64_t>((v >> 1U) ^ (~(v & 1U) + 1U));
      }
      case kDouble: {
        double v{};
        std::memcpy(&v, text_of(sizeof v).data(), sizeof v);
        return v;
      }
      case kText:
        return std::string(text());
      case kList: {
        Value::List list(size());
        for (auto& item : list) item = value();
        return list;
      }
      case kObject: {
        Value::Object object(size());
        for (auto& [key, member] : object) {
          key = text();
          member = value();
        }
        return object;
      }
      default:
        throw Error("the built-in catalog is damaged");
    }
  }

 private:
  char take() { return text_of(1)[0]; }

  std::string_view text_of(std::size_t size) {
    if (size > bytes_.size()) throw Error("the built-in catalog is damaged");
    const auto text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return text;
  }

  std::uint64_t number() {
    std::uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take());
      v |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) break;
    }
    return v;
  }

  std::size_t size() {
    const auto n = number();
    if (n > bytes_.size()) throw Error("the built-in catalog is damaged");
    return static_cast<std::size_t>(n);
  }

  std::string_view text() { return text_of(size()); }

  std::string_view bytes_;
};

}  // namespace

std::string pack(const Value& value) {
  std::string out;
  put(out, value);
  return out;
}

Value unpack(std::string_view bytes) { return Reader(bytes).value(); }

}  // namespace paramcount
