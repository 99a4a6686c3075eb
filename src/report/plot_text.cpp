#include "report/plot_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "base/symbols.hpp"
#include "base/text.hpp"
#include "report/plot_axis.hpp"
#include "report/plot_marks.hpp"
#include "report/shown_text.hpp"
#include "report/terminal_style.hpp"
#include "report/text_bar.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastBar = 8;
constexpr std::size_t kMostBar = 60;

/// Shades of the parts of a bar; beyond them letters.
constexpr std::array<std::string_view, 4> kShades{"█", "▓", "▒", "░"};
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";

/// One line of a plot, before its columns have widths.
struct Drawn {
  std::string label;
  std::string second;  ///< of curves: the series
  std::string text;
  std::string bar;
  std::string after;  ///< behind the bar
};

class PlotText {
 public:
  PlotText(const Plot& plot, const Surface& surface) : plot_(plot), surface_(surface) {}

  std::string text() {
    out_ = styled(cut(shown(plot_.title), surface_.width), style_begin(Style::strong)) + "\n";
    folded(plot_.note);
    plot_.kind == Plot::Kind::curves ? curves() : bars();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string shown(const std::string& text) const {
    std::string result = printable(surface_.terminal ? text : ungrouped(text));
    return surface_.utf8 ? result : in_ascii(std::move(result));
  }

  [[nodiscard]] std::string cut(const std::string& text, std::size_t most) const {
    return elided(text, most, surface_.utf8 ? "…" : ">");
  }

  [[nodiscard]] std::string styled(const std::string& text, std::string_view code) const {
    return surface_.color && !text.empty() ? joined({code, text, kStyleEnd}) : text;
  }

  [[nodiscard]] std::string shade(std::size_t series) const {
    if (series >= kShades.size()) return std::string(1, kLetters[(series - kShades.size()) % kLetters.size()]);
    return sign(kShades[series]);
  }

  void folded(const std::string& text) {
    std::string line(kIndent, ' ');
    bool empty = true;
    const auto flush = [&] {
      out_ += styled(line, style_begin(Style::dim)) + "\n";
      line.assign(kIndent, ' ');
      empty = true;
    };
    const std::string words = shown(text);
    for (const auto word : split(words, ' ')) {
      if (!empty && columns(line) + 1 + columns(word) > std::min<std::size_t>(surface_.width, 80)) flush();
      if (!empty) line += ' ';
      line += cut(std::string(word), surface_.width - kIndent);
      empty = false;
    }
    if (!empty) flush();
  }

  void bars() {
    bool limits = false;
    bool several = false;
    bool verdicts = false;
    for (const auto& bar : plot_.bars) {
      limits = limits || bar.limit.has_value();
      verdicts = verdicts || !bar.verdict.empty();
      several = several || bar.parts.size() > 1;
    }
    std::vector<Drawn> lines;
    for (const auto& bar : plot_.bars) lines.push_back({bar.label, {}, bar.text, {}, bar.verdict});
    const std::size_t room = fit_columns(lines);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto& bar = plot_.bars[i];
      lines[i].bar = several ? shaded(bar, room) : plain(bar, room);
      if (bar.limit) lines[i].bar = with_limit(std::move(lines[i].bar), *bar.limit, room);
    }
    draw(lines, verdicts ? room : 0);
    std::vector<std::string> legend;
    for (std::size_t i = 0; several && i < plot_.series.size(); ++i) {
      legend.push_back(shade(i) + " " + plot_.series[i].name);
    }
    if (limits) legend.push_back(limit_sign() + " " + plot_.limit + ", " + plot_.bars.front().limit->text);
    told(legend);
  }

  /// What the signs mean, as many on a line as there is room for.
  void told(const std::vector<std::string>& legend) {
    std::string line;
    const auto flush = [&] {
      if (!line.empty()) out_ += std::string(kIndent, ' ') + styled(line, style_begin(Style::dim)) + "\n";
      line.clear();
    };
    for (const auto& one : legend) {
      const std::string text = cut(shown(one), surface_.width - kIndent);
      if (kIndent + columns(line) + 3 + columns(text) > std::min<std::size_t>(surface_.width, 80)) flush();
      line += (line.empty() ? "" : "   ") + text;
    }
    flush();
  }

  [[nodiscard]] std::string sign(std::string_view utf8) const {
    return surface_.utf8 ? std::string(utf8) : in_ascii(std::string(utf8));
  }
  [[nodiscard]] std::string limit_sign() const { return sign("│"); }

  [[nodiscard]] double cells_of(double value, std::size_t room) const {
    return place_on(plot_.y, value) * static_cast<double>(room);
  }
  [[nodiscard]] double cells_of(const PlotBar& bar, double value, std::size_t room) const {
    return place_of(plot_, bar, value) * static_cast<double>(room);
  }

  [[nodiscard]] std::string plain(const PlotBar& bar, std::size_t room) const {
    double sum = 0;
    for (const auto& part : bar.parts) sum += part.mark.value;
    return text_bar(cells_of(bar, sum, room), room, surface_.utf8);
  }

  /// Whole cells: each part ends where it ends, to half a cell.
  [[nodiscard]] std::string shaded(const PlotBar& bar, std::size_t room) const {
    std::string text;
    double sum = 0;
    std::size_t drawn = 0;
    for (const auto& part : bar.parts) {
      sum += part.mark.value;
      const auto end = static_cast<std::size_t>(std::lround(cells_of(bar, sum, room)));
      for (; drawn < end; ++drawn) text += shade(part.series);
    }
    return text;
  }

  [[nodiscard]] std::string with_limit(std::string bar, const PlotMark& limit, std::size_t room) const {
    const auto at = static_cast<std::size_t>(std::lround(cells_of(limit.value, room)));
    const std::size_t used = columns(bar);
    if (used > at) {
      std::size_t byte = 0;
      for (std::size_t i = 0; i < at; ++i) byte = next(bar, byte);
      return bar.replace(byte, next(bar, byte) - byte, limit_sign());
    }
    return bar + std::string(std::min(at, room) - used, ' ') + limit_sign();
  }

  /// Where the character after the one there begins.
  static std::size_t next(const std::string& text, std::size_t at) {
    if (at < text.size()) ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
    return at;
  }

  void curves() {
    std::vector<double> places;
    for (const auto& series : plot_.series) {
      for (const auto& point : series.points) places.push_back(point.x.value);
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    std::vector<Drawn> lines{{plot_.x.label, {}, {}, {}, {}}};
    std::vector<double> values{0};
    for (const double place : places) {
      bool first = true;
      for (const auto& series : plot_.series) {
        for (const auto& point : series.points) {
          if (point.x.value != place) continue;
          lines.push_back(
              {first ? point.x.text : "", plot_.series.size() > 1 ? series.name : "", point.y.text, {}, {}});
          values.push_back(point.y.value);
          first = false;
        }
      }
    }
    const std::size_t room = fit_columns(lines);
    for (std::size_t i = 1; i < lines.size(); ++i) {
      const double cells = cells_of(values[i], room);
      lines[i].bar = plot_.y.from > 0 ? dot(cells) : text_bar(cells, room, surface_.utf8);
    }
    draw(lines, 0);
    if (plot_.y.from > 0) {
      folded("from " + plot_.y.ticks.front().text + " at the left to " + plot_.y.ticks.back().text +
             " at the right: " + plot_.y.label);
    }
  }

  /// A mark alone where lengths from 0 would say nothing.
  [[nodiscard]] std::string dot(double cells) const {
    const auto before = static_cast<std::size_t>(std::lround(cells));
    std::string text;
    for (std::size_t i = 0; i < before; ++i) text += surface_.utf8 ? "·" : ".";
    return text + sign("●");
  }

  /// Widths of the columns; returns what they leave for bars.
  std::size_t fit_columns(std::vector<Drawn>& lines) {
    label_ = second_ = text_ = after_ = 0;
    for (auto& line : lines) {
      for (auto* text : {&line.label, &line.second, &line.text, &line.after}) *text = shown(*text);
      label_ = std::max(label_, columns(line.label));
      second_ = std::max(second_, columns(line.second));
      text_ = std::max(text_, columns(line.text));
      after_ = std::max(after_, columns(line.after));
    }
    const auto used = [&] {
      return kIndent + label_ + (second_ > 0 ? kGap + second_ : 0) + (text_ > 0 ? kGap + text_ : 0) + kGap +
             (after_ > 0 ? kGap + 1 + after_ : 1);
    };
    // Names give way first, then the words behind the bar; figures are never cut.
    const auto give = [&](std::size_t& column, std::size_t least) {
      if (used() + kLeastBar <= surface_.width || column <= least) return;
      column = std::max(least, column - std::min(column, used() + kLeastBar - surface_.width));
    };
    give(second_, 8);
    give(label_, 10);
    if (used() + kLeastBar > surface_.width) after_ = 0;
    for (auto& line : lines) {
      line.label = cut(line.label, label_);
      line.second = cut(line.second, second_);
      if (after_ == 0) line.after.clear();
    }
    const std::size_t room = used() < surface_.width ? surface_.width - used() : 0;
    return std::min(room, kMostBar);
  }

  static std::string padded(const std::string& text, std::size_t width, bool right) {
    const std::size_t used = columns(text);
    const std::string space(used < width ? width - used : 0, ' ');
    return right ? space + text : text + space;
  }

  /// `edge`: columns up to what follows the bars; 0: nothing does.
  void draw(const std::vector<Drawn>& lines, std::size_t edge) {
    const bool numbers = plot_.kind == Plot::Kind::curves;
    for (const auto& line : lines) {
      std::string text = std::string(kIndent, ' ') + padded(line.label, label_, numbers);
      if (second_ > 0) text += std::string(kGap, ' ') + padded(line.second, second_, false);
      if (text_ > 0) text += std::string(kGap, ' ') + padded(line.text, text_, true);
      text += std::string(kGap, ' ');
      if (edge > 0 && after_ > 0) {
        text += styled(line.bar, kBarBegin) +
                std::string(edge + 1 - std::min(edge + 1, columns(line.bar)) + kGap, ' ') + line.after;
      } else {
        text += styled(line.bar, kBarBegin);
      }
      text.erase(text.find_last_not_of(' ') + 1);
      out_ += text + "\n";
    }
  }

  const Plot& plot_;
  const Surface& surface_;
  std::string out_;
  std::size_t label_{0}, second_{0}, text_{0}, after_{0};
};

}  // namespace

std::string plot_text(const Plot& plot, const Surface& surface) { return PlotText(plot, surface).text(); }

}  // namespace paramcount
