#include "cli/option_set.hpp"

namespace paramcount {

void OptionSet::add(const char* name, Words type, Words text, const char* group, decltype(Entry::value) value) {
  if (entries_.empty()) entries_.reserve(40);
  OptionText one;
  if (*name == '-') one.name = name;
  one.type = std::move(type);
  one.text = std::move(text);
  one.group = group;
  entries_.push_back({name, std::move(one), value});
}

void OptionSet::word(const char* name, std::string& value, Words type, Words text) {
  add(name, std::move(type), std::move(text), kGroup, &value);
}

void OptionSet::words(const char* name, std::vector<std::string>& values, Words type, Words text) {
  add(name, std::move(type), std::move(text), kGroup, &values);
  entries_.back().text.many = true;
}

void OptionSet::option(const char* name, std::string& value, Words type, Words text, const char* group) {
  add(name, std::move(type), std::move(text), group, &value);
}

void OptionSet::option(const char* name, std::vector<std::string>& values, Words type, Words text, const char* group) {
  add(name, std::move(type), std::move(text), group, &values);
}

void OptionSet::flag(const char* name, bool& value, Words text, const char* group) {
  add(name, {}, std::move(text), group, &value);
}

void OptionSet::known(const char* name, const char* short_name, Words text, const char* group) {
  add(name, {}, std::move(text), group, std::monostate{});
  entries_.back().text.short_name = short_name;
}

CommandText OptionSet::text(std::string_view command) const {
  CommandText text;
  text.name = command.empty() ? "paramcount" : "paramcount " + std::string(command);
  text.description = description_.text();
  if (footer_) text.footer = footer_();
  text.options.reserve(entries_.size());
  for (const auto& entry : entries_) text.options.push_back(entry.text);
  return text;
}

}  // namespace paramcount
