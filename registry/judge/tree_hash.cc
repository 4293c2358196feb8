#include "registry/judge/tree_hash.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "signing/digest.h"

namespace orrery::registry {

std::string TreeHash(const Release& release) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const ReleaseContent& file : release.files) {
    if (!file.digest.has_value()) continue;
    files.emplace_back(
        absl::StrCat(release.name, "@", release.release, "/", file.name),
        file.digest->Hex());
  }
  std::sort(files.begin(), files.end());
  std::string lines;
  for (const auto& [name, digest] : files) {
    absl::StrAppend(&lines, digest, "  ", name, "\n");
  }
  return absl::StrCat("h1:",
                      absl::Base64Escape(signing::Digest::Of(lines).bytes()));
}

}  // namespace orrery::registry
