#include "cli/option_set.hpp"

#include <utility>

namespace paramcount {

void OptionSet::add(const char* name, Label type, Label text, const char* group, decltype(Entry::value) value) {
  if (entries_.empty()) entries_.reserve(64);
  Entry& entry = entries_.emplace_back();
  entry.name = name;
  entry.text.name = Label::literal(name);
  entry.text.type = std::move(type);
  entry.text.text = std::move(text);
  entry.text.group = Label::literal(group);
  entry.value = value;
}

void OptionSet::word(std::string& value, Label type, Label text) {
  add("", std::move(type), std::move(text), kGroup, &value);
}

void OptionSet::words(std::vector<std::string>& values, Label type, Label text) {
  add("", std::move(type), std::move(text), kGroup, &values);
  entries_.back().text.many = true;
}

void OptionSet::option(const char* name, std::string& value, Label type, Label text, const char* group) {
  add(name, std::move(type), std::move(text), group, &value);
}

void OptionSet::option(const char* name, std::vector<std::string>& values, Label type, Label text, const char* group) {
  add(name, std::move(type), std::move(text), group, &values);
}

void OptionSet::flag(const char* name, bool& value, Label text, const char* group) {
  add(name, {}, std::move(text), group, &value);
}

void OptionSet::known(const char* name, const char* short_name, Label text, const char* group) {
  add(name, {}, std::move(text), group, std::monostate{});
  entries_.back().text.short_name = Label::literal(short_name);
}

std::vector<std::string> OptionSet::take_words(std::vector<std::string> arguments) const {
  std::vector<std::string> left;
  auto entry = entries_.begin();
  for (auto& argument : arguments) {
    while (entry != entries_.end() && !entry->text.positional()) ++entry;
    if (entry == entries_.end() || !is_word(argument)) {
      left.push_back(std::move(argument));
    } else if (auto* const* all = std::get_if<std::vector<std::string>*>(&entry->value)) {
      (*all)->push_back(std::move(argument));
    } else {
      **std::get_if<std::string*>(&entry->value) = std::move(argument);
      ++entry;
    }
  }
  return left;
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
