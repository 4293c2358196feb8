#include "cli-plugin/command/table_output.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "cli-plugin/text/printable.h"

namespace orrery::cli {
namespace {

constexpr size_t kGap = 2;
constexpr size_t kNarrowestColumn = 10;

// The columns to show, with the titles as first row.
std::vector<std::vector<Cell>> ShownRows(const Table& table, bool wide) {
  std::vector<std::vector<Cell>> rows(table.rows.size() + 1);
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].wide && !wide) continue;
    rows[0].push_back({table.columns[c].title, Colour::kBold});
    for (size_t r = 0; r < table.rows.size(); ++r) {
      const Cell& cell = table.rows[r][c];
      rows[r + 1].push_back({OneLine(cell.text), cell.colour});
    }
  }
  return rows;
}

}  // namespace

std::string WriteTable(const Table& table, bool wide,
                       const Terminal& terminal) {
  if (table.rows.empty()) return "";
  const std::vector<std::vector<Cell>> rows = ShownRows(table, wide);
  const size_t columns = rows[0].size();
  std::vector<size_t> widths(columns, 0);
  for (const std::vector<Cell>& row : rows) {
    for (size_t c = 0; c < columns; ++c) {
      widths[c] = std::max(widths[c], DisplayWidth(row[c].text));
    }
  }
  size_t before_last = 0;
  for (size_t c = 0; c + 1 < columns; ++c) before_last += widths[c] + kGap;
  const std::optional<int> limit = terminal.DataWidth();
  if (limit.has_value()) {
    const auto room = static_cast<size_t>(std::max(*limit, 0));
    widths[columns - 1] =
        std::min(widths[columns - 1], room > before_last + kNarrowestColumn
                                          ? room - before_last
                                          : kNarrowestColumn);
  }
  std::string text;
  for (const std::vector<Cell>& row : rows) {
    for (size_t c = 0; c < columns; ++c) {
      const std::string shown = Shortened(row[c].text, widths[c]);
      absl::StrAppend(&text, terminal.OnOut(row[c].colour, shown));
      if (c + 1 < columns) {
        text.append(widths[c] - DisplayWidth(shown) + kGap, ' ');
      }
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text.push_back('\n');
  }
  return text;
}

Colour StateColour(absl::string_view state) {
  if (state == "running" || state == "ok" || state == "healthy" ||
      state == "current") {
    return Colour::kGreen;
  }
  if (state == "failed" || state == "unhealthy" || state == "error") {
    return Colour::kRed;
  }
  return state.empty() ? Colour::kNone : Colour::kYellow;
}

}  // namespace orrery::cli
