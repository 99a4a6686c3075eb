#include "cli/article.hpp"

#include <map>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "report/keys.hpp"

namespace paramcount {
namespace {

Report report_of(const std::string& command, const std::vector<std::string>& folders) {
  std::vector<std::string> arguments;
  for (const auto word : split(command, ' ')) arguments.emplace_back(word);
  arguments.insert(arguments.end(), {"--format", "json", "--no-config"});
  for (const auto& folder : folders) arguments.insert(arguments.end(), {"--catalog", folder});
  const Environment environment;
  Session session;
  std::string out;
  std::string err;
  if (run(arguments, environment, session, out, err) != static_cast<int>(ExitCode::answered)) {
    throw Error("article: paramcount " + printable(command) + ": " + printable(trim(err)));
  }
  return std::move(session.report);
}

const Row* row_of(const Report& report, const ArticleClaim::Figure& figure) {
  for (const auto& extra : report.extras) {
    const std::string before = extra.key.text() + ".";
    if (!figure.key.starts_with(before)) continue;
    return find_value(extra, std::string_view(figure.key).substr(before.size())).row;
  }
  for (const auto& model : report.models) {
    const auto id = find_value(model, "id");
    if (figure.of.empty() || (id.value != nullptr && bare(*id.value) == figure.of)) {
      const auto found = find_value(model, figure.key);
      return found.value != nullptr ? found.row : nullptr;
    }
  }
  return nullptr;
}

}  // namespace

std::vector<CheckedClaim> checked_claims(const std::vector<std::string>& folders) {
  std::map<std::string, Report> reports;
  std::vector<CheckedClaim> checked;
  for (auto& claim : Catalog(folders).all<ArticleClaim>()) {
    auto& one = checked.emplace_back();
    for (const auto& figure : claim.figures) {
      auto found = reports.find(figure.command);
      if (found == reports.end()) {
        found = reports.emplace(figure.command, report_of(figure.command, folders)).first;
      }
      const Row* row = row_of(found->second, figure);
      if (row == nullptr) {
        throw Error("article: " + printable(claim.id) + ": paramcount " + printable(figure.command) + " has no " +
                    printable(figure.key));
      }
      one.figures.push_back(*row);
    }
    one.claim = std::move(claim);
  }
  return checked;
}

}  // namespace paramcount
