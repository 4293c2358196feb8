#include "signing/record/statement_reader.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "signing/encoding.h"
#include "signing/field.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

// Bytes of a line that a message shows.
constexpr size_t kMaxShown = 60;

// Of the record of a release.
constexpr size_t kUsualLines = 24;

absl::Status CheckLine(absl::string_view line) {
  if (line.empty()) return absl::InvalidArgumentError("the line is empty");
  if (!IsPrintableAscii(line)) {
    return absl::InvalidArgumentError(
        "the line holds a byte that is not 0x20 to 0x7E");
  }
  if (line.front() == ' ' || line.back() == ' ') {
    return absl::InvalidArgumentError("the line begins or ends with a space");
  }
  return absl::OkStatus();
}

absl::Status Unexpected(absl::string_view keyword, absl::string_view line) {
  return absl::InvalidArgumentError(
      absl::StrCat("the line '", keyword, "' is wanted here, not '",
                   line.substr(0, kMaxShown), "'"));
}

}  // namespace

absl::StatusOr<int64_t> ReadNumber(absl::string_view text, int64_t min,
                                   int64_t max) {
  ORRERY_ASSIGN_OR_RETURN(const uint64_t number,
                          ParseDecimal(text, static_cast<uint64_t>(max)));
  if (number < static_cast<uint64_t>(min)) {
    return absl::InvalidArgumentError(
        absl::StrCat(number, " is less than ", min));
  }
  return static_cast<int64_t>(number);
}

absl::StatusOr<StatementReader> StatementReader::Open(
    absl::string_view statement) {
  if (statement.size() > kMaxStatementBytes) {
    return Refuse(RefusalCode::kRecordSyntax,
                  absl::StrCat("the statement has ", statement.size(),
                               " bytes, more than ", kMaxStatementBytes));
  }
  LineReader reader(statement, kMaxStatementLineBytes);
  std::vector<absl::string_view> lines;
  lines.reserve(kUsualLines);
  while (!reader.AtEnd()) {
    auto line = reader.Next();
    absl::Status status = line.ok() ? CheckLine(*line) : line.status();
    if (status.ok() && reader.line() > int64_t{kMaxStatementLines}) {
      status = absl::InvalidArgumentError(absl::StrCat(
          "the statement has more than ", kMaxStatementLines, " lines"));
    }
    if (!status.ok()) {
      return At({.line = reader.line()},
                RefuseAs(RefusalCode::kRecordSyntax, std::move(status)));
    }
    lines.push_back(*line);
  }
  return StatementReader(std::move(lines));
}

bool StatementReader::Sees(absl::string_view keyword) const {
  return !AtEnd() && absl::StartsWith(lines_[next_], keyword) &&
         lines_[next_].substr(keyword.size(), 1) == " ";
}

absl::StatusOr<absl::string_view> StatementReader::Take(
    absl::string_view keyword) {
  line_ = static_cast<int64_t>(next_) + 1;
  if (AtEnd()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the statement ends where the line '", keyword, "' is wanted"));
  }
  if (!Sees(keyword)) return Unexpected(keyword, lines_[next_]);
  return lines_[next_++].substr(keyword.size() + 1);
}

absl::Status StatementReader::TakeFields(absl::string_view keyword,
                                         std::span<absl::string_view> fields) {
  ORRERY_ASSIGN_OR_RETURN(absl::string_view rest, Take(keyword));
  for (absl::string_view& field : fields) {
    const size_t end = rest.find(' ');
    const bool is_last = &field == &fields.back();
    if (is_last != (end == absl::string_view::npos)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a '", keyword, "' line has ", fields.size(),
                       fields.size() == 1 ? " field" : " fields",
                       " with one space between any two"));
    }
    field = rest.substr(0, end);
    if (!is_last) rest.remove_prefix(end + 1);
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> StatementReader::TakeNumber(absl::string_view keyword,
                                                    int64_t min, int64_t max) {
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view text, Take(keyword));
  return ReadNumber(text, min, max);
}

absl::StatusOr<Digest> StatementReader::TakeDigest(absl::string_view keyword) {
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view text, Take(keyword));
  return ParseDigestField(text);
}

absl::StatusOr<TreeHash> StatementReader::TakeTree(absl::string_view keyword) {
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view text, Take(keyword));
  return TreeHash::Parse(text);
}

absl::StatusOr<std::string> StatementReader::TakeChecked(
    absl::string_view keyword, absl::Status (*check)(absl::string_view)) {
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view text, Take(keyword));
  ORRERY_RETURN_IF_ERROR(check(text));
  return std::string(text);
}

absl::StatusOr<size_t> StatementReader::TakeWord(
    absl::string_view keyword, std::initializer_list<absl::string_view> words) {
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view text, Take(keyword));
  const auto* const found = std::find(words.begin(), words.end(), text);
  if (found == words.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", keyword, " ", text.substr(0, kMaxShown),
                     "' must be one of: ", absl::StrJoin(words, ", ")));
  }
  return static_cast<size_t>(found - words.begin());
}

absl::Status StatementReader::TakeWhole(absl::string_view line) {
  line_ = static_cast<int64_t>(next_) + 1;
  if (AtEnd() || lines_[next_] != line) {
    return Unexpected(line, AtEnd() ? "" : lines_[next_]);
  }
  ++next_;
  return absl::OkStatus();
}

absl::Status StatementReader::TakeEnd() {
  if (AtEnd()) return absl::OkStatus();
  line_ = static_cast<int64_t>(next_) + 1;
  return absl::InvalidArgumentError(
      absl::StrCat("no further line is wanted here, found '",
                   lines_[next_].substr(0, kMaxShown), "'"));
}

}  // namespace orrery::signing
