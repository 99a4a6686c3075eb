#include "report/plot_marks.hpp"

#include <algorithm>

#include "base/characters.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "report/keys.hpp"

namespace paramcount {
namespace {

/// "12.35 GiB"; what is small gets a smaller unit rather than a 0.
std::string bytes_text(double bytes, const FigureStyle& style) {
  const double kilo = style.units == FigureStyle::Units::si ? 1000 : 1024;
  if (bytes != 0 && bytes < 0.01 * kilo * kilo * kilo) {
    const bool mega = bytes >= 0.1 * kilo * kilo;
    return significant(bytes / (mega ? kilo * kilo : kilo), 3) + (mega ? " M" : " K") + (kilo == 1000 ? "B" : "iB");
  }
  return in_byte_unit(bytes, 2, style) + " " + byte_unit(style);
}

std::string bare_number(double value) { return bare(number_value(value)); }

}  // namespace

const Row* PlotSource::with_list(std::string_view key) const {
  for (const auto* objects : {&models, &others}) {
    for (const Row* object : *objects) {
      if (members(*object, key) > 0) return object;
    }
  }
  return nullptr;
}

std::size_t members(const Row& object, std::string_view key) {
  const Found found = find_value(object, key);
  return found.row != nullptr && found.row->kind == Row::Kind::list ? found.row->children.size() : 0;
}

std::string member_key(std::string_view list, std::size_t i) {
  return std::string(list) + "." + std::to_string(i) + ".";
}

PlotMark mark(const Figures& figures, const std::string& key) {
  const Row* row = figures.find(key);
  return {key, figures.number(key), row != nullptr ? bare(row->value) : std::string(), figures.text(key)};
}

PlotMark bytes_mark(const Figures& figures, const std::string& key) {
  PlotMark result = mark(figures, key);
  result.text = figures.dressed(key, bytes_text(result.value, figures.style())).text;
  return result;
}

PlotMark scaled_mark(const Figures& figures, const std::string& key) {
  PlotMark result = mark(figures, key);
  result.text = figures.scaled(key).text;
  return result;
}

PlotMark rest_mark(const Figures& figures, const std::string& whole, const std::vector<std::string>& parts, Unit unit) {
  PlotMark rest = mark(figures, whole);
  for (const auto& part : parts) {
    rest.value -= figures.number(part);
    rest.key += " " + part;
  }
  rest.exact = bare_number(rest.value);
  const std::string text = unit == Unit::bytes ? bytes_text(rest.value, figures.style()) : scaled(rest.value);
  rest.text = figures.dressed(whole, text).text;
  return rest;
}

std::size_t series_of(Plot& plot, const std::string& name) {
  const auto found =
      std::find_if(plot.series.begin(), plot.series.end(), [&](const PlotSeries& one) { return one.name == name; });
  const auto at = static_cast<std::size_t>(found - plot.series.begin());
  if (found == plot.series.end()) plot.series.push_back({name, {}});
  return at;
}

void add_part(Plot& plot, PlotBar& bar, const std::string& series, PlotMark part) {
  if (part.value > 0) bar.parts.push_back({series_of(plot, series), std::move(part)});
}

double longest(const Plot& plot) {
  double most = 0;
  for (const auto& bar : plot.bars) {
    double sum = 0;
    for (const auto& part : bar.parts) sum += part.mark.value;
    most = std::max({most, sum, bar.limit ? bar.limit->value : 0});
  }
  return most;
}

std::string elided(const std::string& text, std::size_t most, std::string_view sign) {
  if (columns(text) <= most) return text;
  if (most < 2) return std::string(most == 0 ? "" : sign);
  // The end distinguishes files and sizes more often than the middle does.
  const std::size_t tail = (most - 1) / 3;
  const std::size_t head = most - 1 - tail;
  std::vector<std::string_view> characters;
  for (std::string_view rest = text; !rest.empty();) {
    const auto size = std::max<std::size_t>(first_character(rest).size, 1);
    characters.push_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  std::string front;
  std::size_t used = 0;
  for (const auto one : characters) {
    if (used + columns(one) > head) break;
    used += columns(one);
    front += one;
  }
  std::string back;
  used = 0;
  for (auto one = characters.rbegin(); one != characters.rend(); ++one) {
    if (used + columns(*one) > tail) break;
    used += columns(*one);
    back.insert(0, *one);
  }
  return front.append(sign) + back;
}

}  // namespace paramcount
