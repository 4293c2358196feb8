#include "server/log.h"

#include <unistd.h>

#include <cerrno>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "registry/format/json_value.h"

namespace orrery::server {
namespace {

using registry::JsonString;

constexpr size_t kMaxWaitingBytes = size_t{16} << 10;

absl::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "";
}

// sd-daemon(3).
absl::string_view Priority(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo:
      return "<6>";
    case LogLevel::kWarn:
      return "<4>";
    case LogLevel::kError:
      return "<3>";
  }
  return "";
}

// By hand: absl::FormatTime takes as long as the rest of the line.
std::string StampText(absl::Time time) {
  const absl::CivilSecond second =
      absl::ToCivilSecond(time, absl::UTCTimeZone());
  const int64_t milliseconds = absl::ToUnixMillis(time) % 1000;
  return absl::StrFormat("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", second.year(),
                         second.month(), second.day(), second.hour(),
                         second.minute(), second.second(), milliseconds);
}

std::string NumberText(const LogField& field) {
  if (const auto* integer = std::get_if<int64_t>(&field.value)) {
    return absl::StrCat(*integer);
  }
  return absl::StrFormat("%.3f", std::get<double>(field.value));
}

}  // namespace

std::string FormatLogLine(LogFormat format, absl::Time time, LogLevel level,
                          absl::string_view logger, absl::string_view message,
                          LogFields fields) {
  const std::string stamp = StampText(time);
  std::string line;
  if (format == LogFormat::kText) {
    absl::StrAppend(&line, stamp, " ", LevelName(level), " ", logger, ": ",
                    absl::Utf8SafeCEscape(message));
    for (const LogField& field : fields) {
      const auto* text = std::get_if<std::string>(&field.value);
      absl::StrAppend(
          &line, " ", field.name, "=",
          text != nullptr ? absl::Utf8SafeCEscape(*text) : NumberText(field));
    }
    return line + "\n";
  }
  absl::StrAppend(&line, R"({"ts":")", stamp, R"(","level":")",
                  LevelName(level), R"(","logger":)", JsonString(logger),
                  R"(,"msg":)", JsonString(message));
  for (const LogField& field : fields) {
    const auto* text = std::get_if<std::string>(&field.value);
    absl::StrAppend(&line, ",", JsonString(field.name), ":",
                    text != nullptr ? JsonString(*text) : NumberText(field));
  }
  return line + "}\n";
}

Log::~Log() { Flush(); }

void Log::Info(absl::string_view logger, absl::string_view message,
               LogFields fields) const {
  Write(LogLevel::kInfo, logger, message, fields, /*later=*/false);
}

void Log::Warn(absl::string_view logger, absl::string_view message,
               LogFields fields) const {
  Write(LogLevel::kWarn, logger, message, fields, /*later=*/false);
}

void Log::Error(absl::string_view logger, absl::string_view message,
                LogFields fields) const {
  Write(LogLevel::kError, logger, message, fields, /*later=*/false);
}

void Log::InfoLater(absl::string_view logger, absl::string_view message,
                    LogFields fields) const {
  Write(LogLevel::kInfo, logger, message, fields, /*later=*/true);
}

void Log::Flush() const {
  const MutexLock lock(&mutex_);
  FlushLocked();
}

void Log::Write(LogLevel level, absl::string_view logger,
                absl::string_view message, LogFields fields, bool later) const {
  const std::string line = FormatLogLine(options_.format, options_.now(), level,
                                         logger, message, fields);
  const MutexLock lock(&mutex_);
  if (options_.with_priority) absl::StrAppend(&waiting_, Priority(level));
  waiting_.append(line);
  if (!later || waiting_.size() >= kMaxWaitingBytes) FlushLocked();
}

void Log::FlushLocked() const {
  absl::string_view rest = waiting_;
  while (!rest.empty()) {
    const ssize_t written =
        write(options_.descriptor, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    // A log that cannot be written has nowhere to say so.
    if (written <= 0) break;
    rest.remove_prefix(static_cast<size_t>(written));
  }
  waiting_.clear();
}

}  // namespace orrery::server
