#include "cli-plugin/http/sse_reader.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace orrery::cli {

std::vector<SseEvent> SseReader::Add(absl::string_view bytes) {
  std::vector<SseEvent> events;
  if (too_long_) return events;
  for (const char c : bytes) {
    if (c == '\n' && after_return_) {
      after_return_ = false;
      continue;
    }
    after_return_ = c == '\r';
    if (c == '\n' || c == '\r') {
      TakeLine(partial_, &events);
      partial_.clear();
      continue;
    }
    partial_.push_back(c);
  }
  if (partial_.size() + data_.size() > kMaxEventBytes) too_long_ = true;
  return events;
}

void SseReader::TakeLine(absl::string_view line,
                         std::vector<SseEvent>* events) {
  if (first_line_) absl::ConsumePrefix(&line, "\xEF\xBB\xBF");
  first_line_ = false;
  if (line.empty()) {
    if (has_data_ || !type_.empty()) {
      events->push_back({type_.empty() ? "message" : type_, data_});
    }
    type_.clear();
    data_.clear();
    has_data_ = false;
    return;
  }
  const size_t colon = line.find(':');
  const absl::string_view field = line.substr(0, colon);
  absl::string_view value =
      colon == absl::string_view::npos ? "" : line.substr(colon + 1);
  absl::ConsumePrefix(&value, " ");
  if (field == "event") type_ = std::string(value);
  if (field == "data") {
    if (has_data_) data_.push_back('\n');
    absl::StrAppend(&data_, value);
    has_data_ = true;
  }
}

}  // namespace orrery::cli
