// Log lines: JSON for machines, plain text for people. Whole lines go out with
// one write(2).

#ifndef SERVER_PROCESS_LOG_H_
#define SERVER_PROCESS_LOG_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "third_party/absl/mutex.h"

namespace orrery::server {

enum class LogFormat : uint8_t { kText, kJson };
enum class LogLevel : uint8_t { kInfo, kWarn, kError };

// Texts are borrowed for the call.
struct LogField {
  absl::string_view name;
  std::variant<int64_t, double, absl::string_view> value;
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
  // Flushes.
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // `logger` is the part that speaks, for example "http".
  void Info(absl::string_view logger, absl::string_view message,
            LogFields fields = {}) const;
  void Warn(absl::string_view logger, absl::string_view message,
            LogFields fields = {}) const;
  void Error(absl::string_view logger, absl::string_view message,
             LogFields fields = {}) const;
  // As Info, for lines that come by the thousand: they may wait for Flush, for
  // others, or for any other line; the order stays.
  void InfoLater(absl::string_view logger, absl::string_view message,
                 LogFields fields = {}) const;
  void Flush() const;

 private:
  void Write(LogLevel level, absl::string_view logger,
             absl::string_view message, LogFields fields, bool later) const;
  void FlushLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  mutable Mutex mutex_;
  mutable std::string waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::server

#endif  // SERVER_PROCESS_LOG_H_
