#ifndef SIGNING_RECORD_STATEMENT_READER_H_
#define SIGNING_RECORD_STATEMENT_READER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/tree_hash.h"

namespace orrery::signing {

inline constexpr size_t kMaxStatementBytes = 24576;
inline constexpr size_t kMaxStatementLines = 400;
inline constexpr size_t kMaxStatementLineBytes = 1024;

inline constexpr int64_t kMaxNumber = std::numeric_limits<int64_t>::max();

// A decimal of at least `min`; kInvalidArgument otherwise.
absl::StatusOr<int64_t> ReadNumber(absl::string_view text, int64_t min,
                                   int64_t max = kMaxNumber);

// The lines of a statement, which are a keyword and its fields with one space
// between any two (spec: trust.md §6), one after the other.
class StatementReader {
 public:
  // record.syntax, with the line, for what breaks a rule of every statement:
  // its limits, its bytes, no empty line. The statement must outlive the reader
  // and its fields.
  static absl::StatusOr<StatementReader> Open(absl::string_view statement);

  bool AtEnd() const { return next_ == lines_.size(); }
  // Whether `keyword`, of one or more words, begins the next line.
  bool Sees(absl::string_view keyword) const;
  // What follows `keyword`, which must begin the next line; kInvalidArgument,
  // which then concerns line(), otherwise.
  absl::StatusOr<absl::string_view> Take(absl::string_view keyword);
  // The same, as exactly `count` fields.
  template <size_t count>
  absl::StatusOr<std::array<absl::string_view, count>> TakeFields(
      absl::string_view keyword) {
    std::array<absl::string_view, count> fields;
    const absl::Status status = TakeFields(keyword, fields);
    if (!status.ok()) return status;
    return fields;
  }

  // Such a line whose one field is …
  absl::StatusOr<int64_t> TakeNumber(absl::string_view keyword, int64_t min,
                                     int64_t max = kMaxNumber);
  absl::StatusOr<Digest> TakeDigest(absl::string_view keyword);
  absl::StatusOr<TreeHash> TakeTree(absl::string_view keyword);
  // … what `check` says is right, spaces included.
  absl::StatusOr<std::string> TakeChecked(
      absl::string_view keyword, absl::Status (*check)(absl::string_view));
  // … the one of `words` whose place is returned.
  absl::StatusOr<size_t> TakeWord(
      absl::string_view keyword,
      std::initializer_list<absl::string_view> words);
  // A line that has no fields.
  absl::Status TakeWhole(absl::string_view line);
  absl::Status TakeEnd();

  // Of the last line that was taken or looked for, from 1.
  int64_t line() const { return line_; }

 private:
  explicit StatementReader(std::vector<absl::string_view> lines)
      : lines_(std::move(lines)) {}

  absl::Status TakeFields(absl::string_view keyword,
                          std::span<absl::string_view> fields);

  std::vector<absl::string_view> lines_;
  size_t next_ = 0;
  int64_t line_ = 0;
};

}  // namespace orrery::signing

#endif  // SIGNING_RECORD_STATEMENT_READER_H_
