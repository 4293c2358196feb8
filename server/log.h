// Log lines: JSON for machines, plain text for people. One write(2) a line, so
// lines of several threads do not mix.

#ifndef SERVER_LOG_H_
#define SERVER_LOG_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace orrery::server {

enum class LogFormat : uint8_t { kText, kJson };
enum class LogLevel : uint8_t { kInfo, kWarn, kError };

struct LogField {
  absl::string_view name;
  std::variant<int64_t, double, std::string> value;
};
using LogFields = std::initializer_list<LogField>;

// The line with its end. `ts` is RFC 3339 UTC with milliseconds; control
// characters of text lines are escaped.
std::string FormatLogLine(LogFormat format, absl::Time time, LogLevel level,
                          absl::string_view logger, absl::string_view message,
                          LogFields fields);

// Thread-safe. Never log a secret: fields are written as they are.
class Log {
 public:
  struct Options {
    // Borrowed.
    int descriptor = 2;
    LogFormat format = LogFormat::kJson;
    // Lines begin with the priority that journald reads (`<6>`).
    bool with_priority = false;
    std::function<absl::Time()> now = absl::Now;
  };

  explicit Log(Options options) : options_(std::move(options)) {}

  // `logger` is the part that speaks, for example "http".
  void Info(absl::string_view logger, absl::string_view message,
            LogFields fields = {}) const;
  void Warn(absl::string_view logger, absl::string_view message,
            LogFields fields = {}) const;
  void Error(absl::string_view logger, absl::string_view message,
             LogFields fields = {}) const;

 private:
  void Write(LogLevel level, absl::string_view logger,
             absl::string_view message, LogFields fields) const;

  Options options_;
};

}  // namespace orrery::server

#endif  // SERVER_LOG_H_
