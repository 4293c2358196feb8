// Server-sent events (HTML standard, 9.2.6) out of bytes as they arrive.

#ifndef CLI_PLUGIN_HTTP_SSE_READER_H_
#define CLI_PLUGIN_HTTP_SSE_READER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace orrery::cli {

struct SseEvent {
  // "message" when the stream names none.
  std::string type;
  // Lines joined by newlines.
  std::string data;

  bool operator==(const SseEvent&) const = default;
};

class SseReader {
 public:
  // A line or event may not be longer.
  static constexpr size_t kMaxEventBytes = size_t{16} << 20;

  // The events that `bytes` complete. Comments and unknown fields are skipped,
  // an event without data and type too.
  std::vector<SseEvent> Add(absl::string_view bytes);

  // Whether the stream broke kMaxEventBytes; nothing more comes out of it.
  bool too_long() const { return too_long_; }

 private:
  void TakeLine(absl::string_view line, std::vector<SseEvent>* events);

  std::string partial_;
  // The line end before was a carriage return: a newline now belongs to it.
  bool after_return_ = false;
  bool first_line_ = true;
  bool too_long_ = false;
  std::string type_;
  std::string data_;
  bool has_data_ = false;
};

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_HTTP_SSE_READER_H_
