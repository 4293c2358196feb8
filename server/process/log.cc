#include "server/process/log.h"

#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "registry/format/json_value.h"

namespace orrery::server {
namespace {

using registry::AppendJsonString;

constexpr size_t kMaxWaitingBytes = size_t{16} << 10;
constexpr size_t kUsualLineBytes = 256;

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

// Lines come by the thousand, so what is in each is formatted by hand: as fast
// as the rest of a request that is answered from what is kept.

void AppendDigits(int64_t number, int digits, std::string* line) {
  const size_t end = line->size() + static_cast<size_t>(digits);
  line->resize(end);
  for (int i = 1; i <= digits; ++i, number /= 10) {
    (*line)[end - static_cast<size_t>(i)] =
        static_cast<char>('0' + number % 10);
  }
}

void AppendStamp(absl::Time time, std::string* line) {
  const absl::CivilSecond second =
      absl::ToCivilSecond(time, absl::UTCTimeZone());
  AppendDigits(second.year(), 4, line);
  const std::pair<char, int> parts[] = {{'-', second.month()},
                                        {'-', second.day()},
                                        {'T', second.hour()},
                                        {':', second.minute()},
                                        {':', second.second()}};
  for (const auto& [mark, number] : parts) {
    line->push_back(mark);
    AppendDigits(number, 2, line);
  }
  line->push_back('.');
  AppendDigits(absl::ToUnixMillis(time) % 1000, 3, line);
  line->push_back('Z');
}

// With three digits behind the point.
void AppendFraction(double number, std::string* line) {
  constexpr double kMost = 1e15;
  if (!(number >= 0 && number < kMost)) {
    absl::StrAppendFormat(line, "%.3f", number);
    return;
  }
  const int64_t thousandths = std::llround(number * 1000);
  absl::StrAppend(line, thousandths / 1000, ".");
  AppendDigits(thousandths % 1000, 3, line);
}

// False when the value is a text.
bool AppendNumber(const LogField& field, std::string* line) {
  if (const auto* integer = std::get_if<int64_t>(&field.value)) {
    absl::StrAppend(line, *integer);
  } else if (const auto* number = std::get_if<double>(&field.value)) {
    AppendFraction(*number, line);
  } else {
    return false;
  }
  return true;
}

void AppendText(absl::Time time, LogLevel level, absl::string_view logger,
                absl::string_view message, LogFields fields,
                std::string* line) {
  AppendStamp(time, line);
  absl::StrAppend(line, " ", LevelName(level), " ", logger, ": ",
                  absl::Utf8SafeCEscape(message));
  for (const LogField& field : fields) {
    absl::StrAppend(line, " ", field.name, "=");
    if (AppendNumber(field, line)) continue;
    line->append(
        absl::Utf8SafeCEscape(std::get<absl::string_view>(field.value)));
  }
}

void AppendJson(absl::Time time, LogLevel level, absl::string_view logger,
                absl::string_view message, LogFields fields,
                std::string* line) {
  line->append(R"({"ts":")");
  AppendStamp(time, line);
  absl::StrAppend(line, R"(","level":")", LevelName(level), R"(","logger":)");
  AppendJsonString(logger, line);
  line->append(R"(,"msg":)");
  AppendJsonString(message, line);
  for (const LogField& field : fields) {
    line->push_back(',');
    AppendJsonString(field.name, line);
    line->push_back(':');
    if (AppendNumber(field, line)) continue;
    AppendJsonString(std::get<absl::string_view>(field.value), line);
  }
  line->push_back('}');
}

}  // namespace

std::string FormatLogLine(LogFormat format, absl::Time time, LogLevel level,
                          absl::string_view logger, absl::string_view message,
                          LogFields fields) {
  std::string line;
  line.reserve(kUsualLineBytes);
  const auto append = format == LogFormat::kText ? AppendText : AppendJson;
  append(time, level, logger, message, fields, &line);
  line.push_back('\n');
  return line;
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
