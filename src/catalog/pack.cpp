#include "catalog/pack.hpp"

#include <cstring>

#include "catalog/embedded.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

enum Tag : char { kNull, kFalse, kTrue, kInteger, kDouble, kText, kList, kObject, kShared };
constexpr std::size_t kLeastShared = 8;  ///< bytes; a reference takes up to 5

void put_list(std::string& out, const Value::List& list) {
  pack_number(out, list.size());
  for (const auto& item : list) pack_value(out, item);
}

[[noreturn]] void damaged() { throw Error("the built-in catalog is damaged"); }

}  // namespace

void pack_number(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7U) out += static_cast<char>(0x80U | (number & 0x7FU));
  out += static_cast<char>(number);
}

void pack_text(std::string& out, std::string_view text) {
  pack_number(out, text.size());
  out += text;
}

void pack_value(std::string& out, const Value& value) {
  if (value.is_null()) {
    out.push_back(kNull);
  } else if (const auto* flag = value.as<bool>()) {
    out.push_back(*flag ? kTrue : kFalse);
  } else if (const auto* whole = value.as<std::int64_t>()) {
    out.push_back(kInteger);
    const auto bits = static_cast<std::uint64_t>(*whole);
    pack_number(out, (bits << 1U) ^ (*whole < 0 ? ~std::uint64_t{0} : 0));
  } else if (const auto* number = value.as<double>()) {
    out.push_back(kDouble);
    out.append(reinterpret_cast<const char*>(number), sizeof *number);
  } else if (const auto* text = value.as<std::string>()) {
    out.push_back(kText);
    pack_text(out, *text);
  } else if (const auto* list = value.as<Value::List>()) {
    out.push_back(kList);
    put_list(out, *list);
  } else {
    const auto& object = *value.as<Value::Object>();
    out.push_back(kObject);
    pack_number(out, object.size());
    for (const auto& [key, member] : object) {
      pack_text(out, key);
      pack_value(out, member);
    }
  }
}

namespace {

/// The value, its members packed by `pack_member`.
template <class PackMember>
std::string packed_by(const Value& value, const PackMember& pack_member) {
  std::string out;
  if (const auto* list = value.as<Value::List>()) {
    out.push_back(kList);
    pack_number(out, list->size());
    for (const auto& item : *list) out += pack_member(item);
  } else if (const auto* object = value.as<Value::Object>()) {
    out.push_back(kObject);
    pack_number(out, object->size());
    for (const auto& [key, member] : *object) {
      pack_text(out, key);
      out += pack_member(member);
    }
  } else {
    pack_value(out, value);
  }
  return out;
}

}  // namespace

std::string SharedValues::counted(const Value& value) {
  std::string whole = packed_by(value, [this](const Value& member) { return counted(member); });
  if (whole.size() >= kLeastShared) ++counts_[whole];
  return whole;
}

std::string SharedValues::pack(const Value& value) const {
  return packed_by(value, [this](const Value& member) {
    return member.as<std::string>() != nullptr ? paramcount::pack(member) : shared(member);
  });
}

std::string SharedValues::shared(const Value& value) const {
  const std::string whole = paramcount::pack(value);
  const std::string packed = packed_by(value, [this](const Value& member) { return shared(member); });
  const auto at = counts_.find(whole);
  if (at == counts_.end() || at->second < 2) return packed;
  std::string reference(1, kShared);
  pack_number(reference, place_(packed));
  return reference;
}

std::string_view Unpacker::take(std::size_t size) {
  if (size > bytes_.size()) damaged();
  const auto text = bytes_.substr(0, size);
  bytes_.remove_prefix(size);
  return text;
}

std::uint64_t Unpacker::number() {
  std::uint64_t v = 0;
  std::size_t used = 0;
  for (unsigned shift = 0; used < bytes_.size() && shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes_[used++]);
    v |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte >= 0x80) continue;
    bytes_.remove_prefix(used);
    return v;
  }
  damaged();
}

std::size_t Unpacker::size() {
  const auto n = number();
  if (n > bytes_.size()) damaged();
  return static_cast<std::size_t>(n);
}

std::string_view Unpacker::text() { return take(size()); }

Value Unpacker::value() {
  switch (take(1)[0]) {
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
      std::memcpy(&v, take(sizeof v).data(), sizeof v);
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
    case kShared: {
      const auto at = number();
      if (at >= kEmbeddedBlobSize) damaged();
      return unpack({kEmbeddedBlob + at, kEmbeddedBlobSize - static_cast<std::size_t>(at)});
    }
    default:
      damaged();
  }
}

std::string pack(const Value& value) {
  std::string out;
  pack_value(out, value);
  return out;
}

std::string literal_of(const std::string& bytes) {
  std::string out;
  std::size_t column = 0;
  for (const char c : bytes) {
    if (column == 0) out += "    \"";
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\' && c != '?') {
      out += c;
    } else {
      out += '\\';
      out += static_cast<char>('0' + (byte >> 6U));
      out += static_cast<char>('0' + ((byte >> 3U) & 7U));
      out += static_cast<char>('0' + (byte & 7U));
    }
    if (++column == 100) {
      out += "\"\n";
      column = 0;
    }
  }
  return out + (column == 0 ? "    \"\"" : "\"");
}

Value unpack(std::string_view bytes) { return Unpacker(bytes).value(); }

}  // namespace paramcount
