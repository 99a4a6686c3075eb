#include "report/short_notes.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace paramcount {
namespace {

constexpr std::size_t kMostNotes = 5;
constexpr std::string_view kCut = " …";
constexpr std::size_t kCutColumns = 4;  ///< of it; in ASCII three dots

/// "1.5 B. The" and "a; b" end a clause; "et al. 2020" does not.
bool ends_clause(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  if (rest.starts_with("; ") || rest.starts_with(" (")) return true;
  if (!rest.starts_with(". ") || rest.size() < 3) return false;
  return rest[2] < '0' || (rest[2] > '9' && (rest[2] < 'a' || rest[2] > 'z'));
}

/// Which of the notes stay: all of the answer's, and the first of the weightiest others.
std::vector<bool> kept(const std::vector<Note>& notes) {
  std::vector<bool> keep(notes.size());
  std::size_t room = kMostNotes;
  for (const auto weight : {Note::Weight::answer, Note::Weight::figure, Note::Weight::basis}) {
    for (std::size_t i = 0; i < notes.size(); ++i) {
      if (notes[i].weight != weight) continue;
      keep[i] = weight == Note::Weight::answer || room > 0;
      if (room > 0) --room;
    }
  }
  return keep;
}

std::string rest_text(std::size_t hidden, bool cut) {
  if (hidden == 0) return "…: --notes shows these notes in full.";
  const std::string more = std::to_string(hidden) + (hidden == 1 ? " more note" : " more notes");
  return more + (cut ? "; these in full: --notes" : ": --notes");
}

}  // namespace

std::string first_clauses(const std::string& text, std::size_t room) {
  if (columns(text) <= room || room < kCutColumns + 1) return text;
  const std::size_t most = room - kCutColumns;
  // A label ends with a colon: what is cut comes after it.
  const auto colon = text.find(": ");
  const std::size_t least = colon != std::string::npos && colon < most / 2 ? colon + 2 : 1;
  const std::size_t last = std::min(bytes_within(text, most), text.size() - 1);
  std::size_t clause = 0;
  std::size_t word = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= last; ++i) {
    if (text[i] > '.' && text[i] != ';') continue;  // a letter or digit
    if (i > least && depth == 0 && ends_clause(text, i)) clause = i;
    if (i > least && text[i] == ' ') word = i;
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && depth > 0) --depth;
  }
  // A short clause says too little for the line that it would leave empty.
  const bool enough = columns(std::string_view(text).substr(0, clause)) >= most / 2;
  const std::size_t end = clause > 0 && (enough || word == 0) ? clause : word;
  if (end == 0) return text;
  std::string begin = text.substr(0, end);
  while (!begin.empty() && (begin.back() == ' ' || begin.back() == ',' || begin.back() == ':')) begin.pop_back();
  return begin + std::string(kCut);
}

void shorten_notes(Report& report, std::size_t columns_of_line) {
  for (auto& page : report.pages) {
    const auto keep = kept(page.notes);
    std::vector<Note> notes;
    bool cut = false;
    for (std::size_t i = 0; i < page.notes.size(); ++i) {
      if (!keep[i]) continue;
      Note note = std::move(page.notes[i]);
      if (note.weight != Note::Weight::answer) {
        const std::string line = note.line();
        std::string shown = first_clauses(line, columns_of_line);
        if (shown != line) {
          cut = true;
          note = {"", std::move(shown), note.weight};
        }
      }
      notes.push_back(std::move(note));
    }
    const std::size_t hidden = page.notes.size() - notes.size();
    page.notes = std::move(notes);
    if (hidden > 0 || cut) page.notes.push_back({"", rest_text(hidden, cut)});
  }
}

}  // namespace paramcount
