#include "catalog/options/string_format.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"

namespace orrery::catalog {
namespace {

bool IsAddress(int family, absl::string_view text) {
  in6_addr address;
  // inet_pton stops at a NUL.
  return text.find('\0') == absl::string_view::npos &&
         inet_pton(family, std::string(text).c_str(), &address) == 1;
}

// RFC 3339; a letter T, and Z or an offset.
bool IsDateTime(absl::string_view text) {
  if (text.size() < 20 || text.size() > 64 || absl::ascii_isspace(text[0]) ||
      absl::ascii_isspace(text.back())) {
    return false;
  }
  absl::Time time;
  std::string error;
  return absl::ParseTime(absl::RFC3339_full, absl::AsciiStrToUpper(text), &time,
                         &error);
}

bool IsHostname(absl::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  const std::vector<absl::string_view> labels = absl::StrSplit(text, '.');
  return std::all_of(labels.begin(), labels.end(), [](absl::string_view label) {
    return !label.empty() && label.size() <= 63 && label[0] != '-' &&
           label.back() != '-' &&
           std::all_of(label.begin(), label.end(), [](unsigned char c) {
             return absl::ascii_isalnum(c) || c == '-';
           });
  });
}

bool IsEmail(absl::string_view text) {
  const size_t at = text.rfind('@');
  return at != absl::string_view::npos && at > 0 && at + 1 < text.size() &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isspace(c) || absl::ascii_iscntrl(c);
         });
}

}  // namespace

bool HasStringFormat(absl::string_view format, absl::string_view text) {
  if (format == "date-time") return IsDateTime(text);
  if (format == "ipv4") return IsAddress(AF_INET, text);
  if (format == "ipv6") return IsAddress(AF_INET6, text);
  if (format == "email") return IsEmail(text);
  if (format == "hostname") return IsHostname(text);
  return true;
}

}  // namespace orrery::catalog
