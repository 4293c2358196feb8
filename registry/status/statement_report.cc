#include "registry/status/statement_report.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace orrery::registry {
namespace {

constexpr size_t kFields = 9;
// An older store has no release directory, the last.
constexpr size_t kOldFields = 8;

// Fields are apart by tabs and reports by line ends, which texts have none of:
// they are made of statements' fields and names of files.
std::string Plain(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\t", " "}, {"\n", " "}});
}

}  // namespace

bool IsWaitedFor(absl::string_view release_directory,
                 const std::vector<StatementReport>& reports) {
  return std::any_of(reports.begin(), reports.end(),
                     [&](const StatementReport& report) {
                       return report.is_pending && !release_directory.empty() &&
                              report.release_directory == release_directory;
                     });
}

std::string EncodeReports(const std::vector<StatementReport>& reports) {
  std::string text;
  for (const StatementReport& report : reports) {
    absl::StrAppend(
        &text, Plain(report.package), "\t", report.seq, "\t",
        report.is_pending ? "pending" : "refused", "\t", Plain(report.file),
        "\t", report.line.has_value() ? absl::StrCat(*report.line) : "", "\t",
        report.code, "\t", Plain(report.reason), "\t", report.statement, "\t",
        Plain(report.release_directory), "\n");
  }
  return text;
}

std::vector<StatementReport> DecodeReports(absl::string_view text) {
  std::vector<StatementReport> reports;
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    StatementReport report;
    const bool fits = fields.size() == kFields || fields.size() == kOldFields;
    if (!fits || !absl::SimpleAtoi(fields[1], &report.seq)) {
      continue;
    }
    report.package = fields[0];
    report.is_pending = fields[2] == "pending";
    report.file = fields[3];
    int64_t number = 0;
    if (absl::SimpleAtoi(fields[4], &number)) report.line = number;
    report.code = fields[5];
    report.reason = fields[6];
    report.statement = fields[7];
    if (fields.size() == kFields) report.release_directory = fields[8];
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace orrery::registry
