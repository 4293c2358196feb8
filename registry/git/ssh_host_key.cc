#include "registry/git/ssh_host_key.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace orrery::registry {
namespace {

constexpr char kMark[] = "orrery-host-key:";

struct OfferedKey {
  std::string host;
  std::string type;
  std::string key;
  std::string fingerprint;
};

}  // namespace

std::string ReportHostKeyOption() {
  // %H is the name as known_hosts has it, %t the type, %K the key, %f its
  // fingerprint.
  return absl::StrCat("  KnownHostsCommand /bin/sh -c 'echo \"", kMark,
                      " $*\" >&2' sh %I %H %t %K %f\n");
}

bool IsHostKeyReport(absl::string_view line) {
  return absl::StartsWith(line, kMark);
}

std::string ExplainHostKey(absl::string_view errors,
                           absl::string_view known_hosts) {
  OfferedKey offered;
  // "Offending ED25519 key in FILE:LINE".
  std::string expected;
  for (absl::string_view line :
       absl::StrSplit(errors, absl::ByAnyChar("\r\n"), absl::SkipEmpty())) {
    if (IsHostKeyReport(line)) {
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      if (words.size() == 6 && words[1] == "HOSTNAME") {
        offered = {words[2], words[3], words[4], words[5]};
      }
    }
    if (absl::ConsumePrefix(&line, "Offending ")) {
      expected = std::string(line.substr(line.rfind(" key in ") + 8));
    }
  }
  if (offered.key.empty()) return "";
  if (!expected.empty()) {
    return absl::StrCat(offered.host, " offers the ", offered.type, " key ",
                        offered.fingerprint, ", but ", expected,
                        " expects another; if the host has a new key, change "
                        "that line");
  }
  return absl::StrCat("the host key of ", offered.host,
                      " is not known; if its fingerprint is ",
                      offered.fingerprint, ", add this line to ", known_hosts,
                      ": ", offered.host, " ", offered.type, " ", offered.key);
}

}  // namespace orrery::registry
