// A visitor that receives a tree of values, one at a time, and either builds rows for renderers or writes a line of
// JSON directly (report/json_writer.hpp).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "paramcount/report/report.hpp"

namespace paramcount {

class Tree {
 public:
  Tree() = default;
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  virtual ~Tree() = default;

  /// Arguments are those of Row::leaf.
  virtual void leaf(Label key, Label label, Measure measure, Label formula = {}, Label source = {},
                    Said said = Said::counted) = 0;
  virtual void text(const Label& key, const Label& label, std::string_view text) = 0;
  /// A value under a name that may not outlive the tree, and is its label too.
  virtual void named(std::string_view name, const Value& value) = 0;
  virtual void add(Row row) = 0;

  /// Until it is destroyed, new values go inside.
  class [[nodiscard]] Inside {
   public:
    explicit Inside(Tree& tree) : tree_(tree) {}
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() { tree_.end(); }

   private:
    Tree& tree_;
  };
  Inside group(const Label& key, const Label& label = {}) {
    begin(Row::Kind::object, key, label);
    return Inside(*this);
  }
  Inside list(const Label& key, const Label& label = {}) {
    begin(Row::Kind::list, key, label);
    return Inside(*this);
  }

 private:
  virtual void begin(Row::Kind kind, const Label& key, const Label& label) = 0;
  virtual void end() = 0;
};

/// Adds to the children of a row.
class RowTree final : public Tree {
 public:
  explicit RowTree(Row& root) : open_{&root} {}

  void leaf(Label key, Label label, Measure measure, Label formula = {}, Label source = {},
            Said said = Said::counted) override {
    Row& row = open_.back()->add();
    row.key = std::move(key);
    row.label = std::move(label);
    row.value = std::move(measure.value);
    row.formula = std::move(formula);
    row.source = std::move(source);
    row.unit = measure.unit;
    row.said = said;
  }
  void text(const Label& key, const Label& label, std::string_view text) override {
    open_.back()->add(Row::leaf(key, label, text));
  }
  void named(std::string_view name, const Value& value) override { open_.back()->add(Row::leaf(name, name, value)); }
  void add(Row row) override { open_.back()->add(std::move(row)); }

 private:
  void begin(Row::Kind kind, const Label& key, const Label& label) override {
    open_.push_back(&open_.back()->add(kind == Row::Kind::list ? Row::list(key, label) : Row::group(key, label)));
  }
  void end() override { open_.pop_back(); }

  std::vector<Row*> open_;  ///< a row has no new siblings while it is open
};

}  // namespace paramcount
