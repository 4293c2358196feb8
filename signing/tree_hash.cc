#include "signing/tree_hash.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "signing/encoding.h"

namespace orrery::signing {
namespace {

constexpr size_t kUsualLineBytes = 128;

}  // namespace

TreeHash TreeHash::Of(absl::string_view package, int64_t release,
                      std::span<const File> files) {
  // All names share the prefix, so that sorting by path sorts by name.
  std::vector<File> sorted(files.begin(), files.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const File& a, const File& b) { return a.path < b.path; });
  std::string lines;
  lines.reserve(files.size() * kUsualLineBytes);
  for (const File& file : sorted) {
    absl::StrAppend(&lines, file.digest.Hex(), "  ", package, "@", release, "/",
                    file.path);
    lines.push_back('\n');
  }
  return TreeHash(Digest::Of(lines));
}

absl::StatusOr<TreeHash> TreeHash::Parse(absl::string_view text) {
  absl::string_view base64 = text;
  if (absl::ConsumePrefix(&base64, "h1:") && base64.size() == 44) {
    const auto bytes = DecodeBase64(base64);
    if (bytes.ok() && bytes->size() == Digest::kSize) {
      return TreeHash(*Digest::FromBytes(*bytes));
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", absl::CHexEscape(text.substr(0, 60)),
                   "' is no tree hash: h1: and the base64 of 32 bytes are "
                   "wanted"));
}

std::string TreeHash::Text() const {
  return absl::StrCat("h1:", absl::Base64Escape(digest_.bytes()));
}

}  // namespace orrery::signing
