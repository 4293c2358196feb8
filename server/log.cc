#include "server/log.h"

#include <unistd.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "registry/format/json_value.h"

namespace orrery::server {
namespace {

using registry::JsonString;

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
  const std::string stamp =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
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

void Log::Info(absl::string_view logger, absl::string_view message,
               LogFields fields) const {
  Write(LogLevel::kInfo, logger, message, fields);
}

void Log::Warn(absl::string_view logger, absl::string_view message,
               LogFields fields) const {
  Write(LogLevel::kWarn, logger, message, fields);
}

void Log::Error(absl::string_view logger, absl::string_view message,
                LogFields fields) const {
  Write(LogLevel::kError, logger, message, fields);
}

void Log::Write(LogLevel level, absl::string_view logger,
                absl::string_view message, LogFields fields) const {
  std::string line = options_.with_priority ? std::string(Priority(level)) : "";
  line += FormatLogLine(options_.format, options_.now(), level, logger, message,
                        fields);
  // A log that cannot be written has nowhere to say so.
  [[maybe_unused]] const ssize_t written =
      write(options_.descriptor, line.data(), line.size());
}

}  // namespace orrery::server
