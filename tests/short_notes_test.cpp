// At most five notes of a line each close a page of text; what is left out is said.
#include <string>
#include <vector>

#include "catch.hpp"
#include "process.hpp"
#include "report/short_notes.hpp"

namespace paramcount {
namespace {

using Weight = Note::Weight;

std::vector<std::string> shortened(std::vector<Note> notes) {
  Report report;
  report.pages.emplace_back().notes = std::move(notes);
  shorten_notes(report, 40);
  std::vector<std::string> lines;
  for (const auto& note : report.pages.front().notes) lines.push_back(note.line());
  return lines;
}

TEST_CASE("five notes that fit stay as they are") {
  CHECK(shortened({{"a", "b."}, {"c", "d."}}) == std::vector<std::string>{"a: b.", "c: d."});
}

TEST_CASE("conventions go before what says what a figure means, and a line counts what went") {
  CHECK(shortened({{"", "1", Weight::basis},
                   {"", "2"},
                   {"", "3", Weight::basis},
                   {"", "4"},
                   {"", "5"},
                   {"", "6"},
                   {"", "7"}}) == std::vector<std::string>{"2", "4", "5", "6", "7", "2 more notes: --notes"});
  CHECK(shortened({{"", "1"}, {"", "2"}, {"", "3"}, {"", "4"}, {"", "5"}, {"", "6"}}).back() == "1 more note: --notes");
}

TEST_CASE("a part of the answer is never left out or cut") {
  const std::string long_text = "a sentence that is far longer than forty columns, and has to be read whole.";
  std::vector<Note> notes(7, Note{"", "note"});
  notes.push_back({"", long_text, Weight::answer});
  const auto lines = shortened(notes);
  CHECK(lines.size() == 6);
  CHECK(lines.at(4) == long_text);
}

TEST_CASE("a note is cut where a clause ends") {
  CHECK(first_clauses("cost: median of 14 quotes (8 left out): Verda, 2026-10-04.", 40) ==
        "cost: median of 14 quotes …");
  CHECK(first_clauses("context: 8,192 tokens; --context changes it, and more.", 40) == "context: 8,192 tokens …");
  CHECK(first_clauses("law: Kaplan et al. 2020 fitted small models; others did not.", 50) ==
        "law: Kaplan et al. 2020 fitted small models …");
  CHECK(first_clauses("one two three four five six seven eight nine", 22) == "one two three four …");
  CHECK(first_clauses("ein Wort, das länger ist", 80) == "ein Wort, das länger ist");
}

TEST_CASE("all notes are shown where --notes asks for them, and in JSON always") {
  const Finished brief = run_line("deepseek-v3");
  CHECK_THAT(brief.out, ContainsSubstring(" more notes"));
  const Finished all = run_line("deepseek-v3 --notes");
  CHECK_THAT(all.out, !ContainsSubstring("--notes"));
  CHECK_THAT(all.out, ContainsSubstring("imply 33.6 % over the whole run"));
  const Finished json = run_line("deepseek-v3 --format json");
  CHECK_THAT(json.out, ContainsSubstring("imply 33.6 % over the whole run"));
}

}  // namespace
}  // namespace paramcount
