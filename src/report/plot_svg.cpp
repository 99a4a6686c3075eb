#include "report/plot_svg.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "base/text.hpp"
#include "report/markup.hpp"
#include "report/page_shape.hpp"
#include "report/plot_axis.hpp"
#include "report/plot_marks.hpp"
#include "report/renderers.hpp"

namespace paramcount {
namespace {

/// White letters on the first, dark ones on the second: contrast above 4.5 either way.
struct Colour {
  std::string_view light, dark;
};
constexpr std::array<Colour, 8> kColours{{{"#0f7c90", "#46b8cc"},
                                          {"#a35400", "#e0a04a"},
                                          {"#6b4fbb", "#b5a0f0"},
                                          {"#2c7a3a", "#6cc67e"},
                                          {"#b0307a", "#f08cc0"},
                                          {"#1f5fbf", "#86b4f5"},
                                          {"#666666", "#a8a8a8"},
                                          {"#7a6500", "#cfc060"}}};
constexpr Colour kPaper{"#ffffff", "#16181b"};
constexpr Colour kInk{"#1a1a1a", "#e6e6e6"};
constexpr Colour kDim{"#5f5f5f", "#9a9fa6"};
constexpr Colour kTrack{"#eef0f2", "#24282d"};

// Heights in pixels; places across are percent of the width, so that a narrow screen squeezes bars, not letters.
constexpr double kLine = 20;           ///< of text
constexpr double kBar = 16;            ///< of a bar
constexpr double kGap = 8;             ///< below it
constexpr double kFrame = 220;         ///< of columns and curves
constexpr double kTop = 14;            ///< above the frame, for the label of the highest tick
constexpr double kLeft = 12;           ///< percent: room for the labels of the value axis
constexpr double kRight = 98;          ///< percent
constexpr std::size_t kMostText = 50;  ///< columns that a phone shows of a line
constexpr double kPicture = 720;       ///< pixels
constexpr double kMargin = 24;

std::string number(double value) { return shortest(std::round(value * 100) / 100); }

std::string rule(std::string_view what, std::string_view property, std::string_view value) {
  return std::string(what) + "{" + std::string(property) + ":" + std::string(value) + "}";
}

std::string colours(bool dark) {
  const auto of = [&](const Colour& colour) { return dark ? colour.dark : colour.light; };
  std::string css = rule(".plot .paper", "fill", of(kPaper)) + rule(".plot text", "fill", of(kInk)) +
                    rule(".plot .dim", "fill", of(kDim)) + rule(".plot .track", "fill", of(kTrack)) +
                    rule(".plot .grid", "stroke", of(kTrack)) + rule(".plot .axis", "stroke", of(kDim)) +
                    rule(".plot .limit", "stroke", of(kInk)) + rule(".plot .on", "fill", of(kPaper)) + "\n";
  for (std::size_t i = 0; i < kColours.size(); ++i) {
    const std::string n = std::to_string(i);
    css += rule(".plot .f" + n, "fill", of(kColours[i])) + rule(".plot .l" + n, "stroke", of(kColours[i])) +
           rule(".plot .o" + n, "stroke", of(kColours[i]));
  }
  return css + "\n";
}

std::string letter(std::size_t series) { return std::string(1, static_cast<char>('a' + series % 26)); }
std::string colour_of(std::size_t series) { return std::to_string(series % kColours.size()); }

class Drawing {
 public:
  explicit Drawing(const Plot& plot) : plot_(plot) {
    legend();
    switch (plot_.kind) {
      case Plot::Kind::bars:
        bars();
        break;
      case Plot::Kind::columns:
        columns();
        break;
      case Plot::Kind::curves:
        curves();
        break;
    }
  }

  [[nodiscard]] const std::string& body() const { return out_; }
  [[nodiscard]] double height() const { return std::ceil(y_); }

 private:
  enum class Anchor : std::uint8_t { start, middle, end };

  void text(double percent, double y, const std::string& words, Anchor anchor = Anchor::start,
            std::string_view classes = {}, std::string_view offset = {}) {
    out_ += "<text x=\"" + number(percent) + "%\" y=\"" + number(y) + "\"";
    if (!offset.empty()) out_ += " dx=\"" + std::string(offset) + "\"";
    if (anchor != Anchor::start) {
      out_ += std::string(" text-anchor=\"") + (anchor == Anchor::end ? "end" : "middle") + "\"";
    }
    if (!classes.empty()) out_ += " class=\"" + std::string(classes) + "\"";
    out_ += ">" + escaped(words) + "</text>\n";
  }

  void rect(double percent, double y, double width, double height, const std::string& classes,
            const std::string& inside = {}, const std::string& data = {}) {
    out_ += "<rect x=\"" + number(percent) + "%\" y=\"" + number(y) + "\" width=\"" + number(width) + "%\" height=\"" +
            number(height) + "\" class=\"" + classes + "\"" + data;
    out_ += inside.empty() ? "/>\n" : "><title>" + escaped(inside) + "</title></rect>\n";
  }

  void line(double x1, double y1, double x2, double y2, const std::string& classes) {
    out_ += "<line x1=\"" + number(x1) + "%\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "%\" y2=\"" + number(y2) +
            "\" class=\"" + classes + "\"/>\n";
  }

  static std::string data(const PlotMark& mark) {
    return " data-key=\"" + escaped(mark.key) + "\" data-value=\"" + escaped(mark.exact) + "\"";
  }

  [[nodiscard]] bool stacked() const {
    return plot_.kind == Plot::Kind::columns ||
           std::any_of(plot_.bars.begin(), plot_.bars.end(), [](const PlotBar& b) { return b.parts.size() > 1; });
  }

  /// The names of series, one below the other: a letter or the shape of its points in addition to the colour.
  void legend() {
    const bool curves = plot_.kind == Plot::Kind::curves;
    if (curves || stacked()) {
      for (std::size_t i = 0; i < plot_.series.size(); ++i) {
        if (curves) {
          if (plot_.series[i].joined) line(0, y_ + 8, 4, y_ + 8, "line l" + colour_of(i));
          sign(i, 2, y_ + 8, {}, {}, false);
        } else {
          out_ += "<rect x=\"0\" y=\"" + number(y_) + "\" width=\"16\" height=\"16\" class=\"f" + colour_of(i) + "\"/>";
          out_ += "<text x=\"8\" y=\"" + number(y_ + 12) + "\" text-anchor=\"middle\" class=\"on\">" + letter(i) +
                  "</text>\n";
        }
        text(curves ? 4 : 0, y_ + 13, elided(plot_.series[i].name, kMostText - 4), Anchor::start, {},
             curves ? "8" : "24");
        y_ += kLine;
      }
    }
    if (const auto* limit = first_limit()) {
      out_ += "<line x1=\"8\" y1=\"" + number(y_) + "\" x2=\"8\" y2=\"" + number(y_ + 16) + "\" class=\"limit\"/>\n";
      text(0, y_ + 13, elided(plot_.limit + ", " + limit->text, kMostText - 4), Anchor::start, {}, "24");
      y_ += kLine;
    }
    if (y_ > 0) y_ += 8;
  }

  /// A name and its figure on one line, or on two where a phone has no room for both.
  void pair(const std::string& name, const std::string& figure) {
    const bool apart = paramcount::columns(name) + 2 + paramcount::columns(figure) > kMostText;
    text(0, y_ + 13, elided(name, kMostText));
    if (apart) y_ += kLine - 3;
    text(100, y_ + 13, figure, Anchor::end);
    y_ += kLine;
  }

  [[nodiscard]] const PlotMark* first_limit() const {
    for (const auto& bar : plot_.bars) {
      if (bar.limit) return &*bar.limit;
    }
    return nullptr;
  }

  void bars() {
    const bool letters = stacked();
    for (const auto& bar : plot_.bars) {
      pair(bar.label, bar.text + (bar.verdict.empty() ? "" : ", " + bar.verdict));
      const double top = y_;
      rect(0, top, 100, kBar, "track");
      double sum = 0;
      for (const auto& part : bar.parts) {
        const double from = place_of(plot_, bar, sum) * 100;
        sum += part.mark.value;
        const double width = place_of(plot_, bar, sum) * 100 - from;
        rect(from, top, std::max(width, 0.15), kBar, "part f" + colour_of(part.series), told(bar, part),
             data(part.mark));
        if (letters && width > 6) text(from + width / 2, top + 12, letter(part.series), Anchor::middle, "on");
      }
      if (bar.limit) {
        const double at = place_on(plot_.y, bar.limit->value) * 100;
        line(at, top - 3, at, top + kBar + 3, "limit");
      }
      y_ += kBar + kGap;
    }
    const double y = y_ + 8;
    for (const auto& tick : plot_.y.ticks) {
      const double at = place_on(plot_.y, tick.at) * 100;
      text(at, y, tick.text, at < 1 ? Anchor::start : at > 99 ? Anchor::end : Anchor::middle, "dim");
    }
    text(0, y + kLine, plot_.y.label, Anchor::start, "dim");
    y_ = y + kLine + 6;
  }

  [[nodiscard]] std::string told(const PlotBar& bar, const PlotPart& part) const {
    const std::string& series = plot_.series[part.series].name;
    return bar.label + (stacked() ? ", " + series : "") + ": " + part.mark.text;
  }

  [[nodiscard]] static double across(const PlotAxis& axis, double value) {
    return kLeft + place_on(axis, value) * (kRight - kLeft);
  }
  [[nodiscard]] double up(double value) const { return y_ + kFrame - place_on(plot_.y, value) * kFrame; }

  /// Lines of the values with their ticks; leaves y_ at the frame's top.
  void frame() {
    text(0, y_ + 12, plot_.y.label, Anchor::start, "dim");
    y_ += kLine + kTop;
    for (const auto& tick : plot_.y.ticks) {
      const double y = up(tick.at);
      line(kLeft, y, 100, y, &tick == &plot_.y.ticks.front() ? "axis" : "grid");
      text(kLeft, y + 4, tick.text, Anchor::end, "dim", "-6");
    }
  }

  /// Ticks below the frame; leaves y_ below all.
  void places(bool middle) {
    const double y = y_ + kFrame + 18;
    // The width of a place: its tick is under the middle.
    const double half = middle ? (kRight - kLeft) / plot_.x.to / 2 : 0;
    for (const auto& tick : plot_.x.ticks) {
      const double at = across(plot_.x, tick.at) + half;
      text(at, y, tick.text, at > 97 ? Anchor::end : Anchor::middle, "dim");
    }
    text(100, y + kLine, plot_.x.label, Anchor::end, "dim");
    y_ = y + kLine + 6;
  }

  void columns() {
    for (const auto& bar : plot_.bars) {
      pair(bar.label, bar.text);
    }
    y_ += 8;
    frame();
    const double each = (kRight - kLeft) / plot_.x.to;
    for (const auto& bar : plot_.bars) {
      const auto* const widest =
          &*std::max_element(bar.places.begin(), bar.places.end(),
                             [](const PlotSpan& a, const PlotSpan& b) { return a.last - a.first < b.last - b.first; });
      for (const auto& span : bar.places) {
        const double x = across(plot_.x, static_cast<double>(span.first));
        const double count = static_cast<double>(span.last - span.first + 1);
        double sum = 0;
        for (const auto& part : bar.parts) {
          const double bottom = up(sum);
          sum += part.mark.value;
          const double top = up(sum);
          rect(x, top, each * count, std::max(bottom - top, 0.5), "part f" + colour_of(part.series), told(bar, part),
               data(part.mark));
          if (&span == widest && bottom - top > 16 && each * count > 4) {
            text(x + each * count / 2, (top + bottom) / 2 + 4, letter(part.series), Anchor::middle, "on");
          }
        }
        // Between layers, while there is room for a line.
        for (double i = 1; each > 0.8 && i < count; ++i) line(x + i * each, up(sum), x + i * each, up(0), "cut");
      }
    }
    places(true);
  }

  void curves() {
    frame();
    for (std::size_t s = 0; s < plot_.series.size(); ++s) {
      const auto& series = plot_.series[s];
      for (std::size_t i = 1; series.joined && i < series.points.size(); ++i) {
        const auto& from = series.points[i - 1];
        const auto& to = series.points[i];
        line(across(plot_.x, from.x.value), up(from.y.value), across(plot_.x, to.x.value), up(to.y.value),
             std::string("line") + (to.extrapolated ? " far" : "") + " l" + colour_of(s));
      }
    }
    for (std::size_t s = plot_.series.size(); s-- > 0;) {
      for (const auto& point : plot_.series[s].points) {
        const std::string words = plot_.series[s].name + ", " + point.x.text + ": " + point.y.text +
                                  (point.extrapolated ? ", extrapolated" : "");
        sign(s, across(plot_.x, point.x.value), up(point.y.value), words,
             data(point.y) + " data-x-key=\"" + escaped(point.x.key) + "\" data-x=\"" + escaped(point.x.exact) + "\"",
             point.extrapolated);
      }
    }
    places(false);
  }

  /// A point of a series: its own shape in addition to the colour.
  void sign(std::size_t series, double percent, double y, const std::string& words, const std::string& data,
            bool open) {
    static constexpr std::array<std::string_view, 6> kSigns{"M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
                                                            "M-5-5h10v10h-10z",
                                                            "M0-6l6 11h-12z",
                                                            "M0-7l6 7l-6 7l-6-7z",
                                                            "M0 6l6-11h-12z",
                                                            "M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z"};
    out_ += "<svg x=\"" + number(percent) + "%\" y=\"" + number(y) + "\" overflow=\"visible\"><path d=\"" +
            std::string(kSigns[series % kSigns.size()]) + "\" class=\"" + (open ? "open o" : "sign f") +
            colour_of(series) + "\"" + data;
    out_ += words.empty() ? "/></svg>\n" : "><title>" + escaped(words) + "</title></path></svg>\n";
  }

  const Plot& plot_;
  std::string out_;
  double y_{0};
};

/// What a reader hears in place of the picture.
std::string description(const Plot& plot) {
  std::string text = plot.note;
  constexpr std::size_t kMostTold = 12;
  std::size_t told = 0;
  for (const auto& bar : plot.bars) {
    if (++told > kMostTold) break;
    text += (told == 1 ? " " : "; ") + bar.label + " " + bar.text + (bar.verdict.empty() ? "" : ", " + bar.verdict);
  }
  for (const auto& series : plot.series) {
    if (series.points.empty() || ++told > kMostTold) continue;
    const auto& last = series.points.back();
    text += (told == 1 ? " " : "; ") + series.name + " " + last.y.text + " at " + last.x.text;
  }
  return text + ".";
}

/// Lines of at most that many columns, folded between words.
std::vector<std::string> folded(const std::string& text, std::size_t most) {
  std::vector<std::string> lines(1);
  for (const auto word : split(text, ' ')) {
    if (!lines.back().empty() && columns(lines.back()) + 1 + columns(word) > most) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += elided(std::string(word), most);
  }
  return lines;
}

std::string heading(const Plot& plot, const std::string& id, const std::string& subject = {}) {
  const std::string title = subject.empty() ? plot.title : subject + ": " + plot.title;
  return "<title id=\"" + id + "-title\">" + escaped(title) + "</title>\n<desc id=\"" + id + "-desc\">" +
         escaped(description(plot)) + "</desc>\n";
}

std::string labels(const std::string& id) {
  return " role=\"img\" aria-labelledby=\"" + id + "-title\" aria-describedby=\"" + id + "-desc\"";
}

}  // namespace

std::string plot_style() {
  return ".plot text{font:13px system-ui,\"Segoe UI\",Roboto,sans-serif;font-variant-numeric:tabular-nums}\n"
         ".plot .title{font-size:17px;font-weight:600}\n"
         ".plot .line{stroke-width:2.5;stroke-linecap:round}.plot .far{stroke-dasharray:3 5}\n"
         ".plot .limit{stroke-width:2}.plot .grid,.plot .axis{stroke-width:1}\n"
         ".plot .cut{stroke:#fff;stroke-opacity:.35;stroke-width:1}\n" +
         colours(false) + "@media screen and (prefers-color-scheme: dark){\n" + colours(true) +
         ".plot .cut{stroke:#000}}\n.plot .open{fill:none;stroke-width:2}\n";
}

std::string inline_svg(const Plot& plot, const std::string& id) {
  const Drawing drawing(plot);
  return "<svg class=\"plot\" width=\"100%\" height=\"" + number(drawing.height()) + "\"" + labels(id) + ">\n" +
         heading(plot, id) + drawing.body() + "</svg>\n";
}

std::string standalone_svg(const Plot& plot, const std::string& subject) {
  constexpr std::size_t kHeading = 60;  ///< columns that fit the picture
  constexpr std::size_t kWords = 88;
  const Drawing drawing(plot);
  const std::string left = number(kMargin);
  double y = kMargin + 14;
  std::string head = "<text x=\"" + left + "\" y=\"" + number(y) + "\" class=\"title\">" +
                     escaped(elided(subject.empty() ? plot.title : subject, kHeading)) + "</text>\n";
  for (const auto& line : folded(subject.empty() ? plot.note : plot.title + ". " + plot.note, kWords)) {
    y += kLine;
    head += "<text x=\"" + left + "\" y=\"" + number(y) + "\" class=\"dim\">" + escaped(line) + "</text>\n";
  }
  const double top = y + kLine;
  const std::string height = number(top + drawing.height() + kMargin);
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" width=\"" + number(kPicture) +
                    "\" height=\"" + height + "\" viewBox=\"0 0 " + number(kPicture) + " " + height + "\"" +
                    labels("plot") + ">\n" + heading(plot, "plot", subject);
  out += "<style>\n" + plot_style() + "</style>\n<rect width=\"100%\" height=\"100%\" rx=\"6\" class=\"paper\"/>\n";
  return out + head + "<svg x=\"" + left + "\" y=\"" + number(top) + "\" width=\"" + number(kPicture - 2 * kMargin) +
         "\" height=\"" + number(drawing.height()) + "\">\n" + drawing.body() + "</svg>\n</svg>\n";
}

std::string render_svg(const Report& report, const Surface& surface) {
  for (const auto& page : report.pages) {
    if (page.plots.empty()) continue;
    std::string svg = standalone_svg(page.plots.front(), name_of(page));
    // Each text has the direction of its first letter.
    if (surface.translation != nullptr) svg.insert(svg.find("</style>"), ".plot text{unicode-bidi:plaintext}\n");
    return svg;
  }
  return {};
}

}  // namespace paramcount
