// Any bytes as the JSON files of a release: the check answers, and answers the
// same twice.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/format/release_check.h"

namespace {

using orrery::registry::CheckRelease;
using orrery::registry::Finding;
using orrery::registry::Profile;
using orrery::registry::ReleaseCheck;
using orrery::registry::ReleaseFile;

constexpr char kDirectory[] = "repo/packages/K/kafka/0";

// Not assert: the optimised build is fuzzed too.
void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckAs(const char* name, absl::string_view bytes, Profile profile) {
  // A good package.json beside the file, so that its own rules are reached.
  constexpr absl::string_view kPackage =
      R"({"packagingVersion":"3.0","name":"kafka","version":"1.0.0",)"
      R"("maintainer":"m","description":"d","tags":[]})";
  std::vector<ReleaseFile> files = {{name, 0100644, bytes.size(), bytes}};
  if (files[0].name != "package.json") {
    files.push_back({"package.json", 0100644, kPackage.size(), kPackage});
  }
  const ReleaseCheck check =
      CheckRelease(kDirectory, {"kafka", 0}, files, profile);
  const int verdicts = (check.package.has_value() ? 1 : 0) +
                       (check.refused() ? 1 : 0) + (check.legacy ? 1 : 0);
  Require(verdicts == 1);
  for (const Finding& finding : check.findings) {
    Require(!finding.rule.empty() && !finding.text.empty());
    Require(!finding.line.has_value() || *finding.line >= 1);
  }
  Require(CheckRelease(kDirectory, {"kafka", 0}, files, profile).findings ==
          check.findings);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const char* name : {"package.json", "config.json", "resource.json",
                           "command.json", "artifacts.json"}) {
    CheckAs(name, bytes, Profile::kImport);
  }
  CheckAs("package.json", bytes, Profile::kPublish);
  return 0;
}
