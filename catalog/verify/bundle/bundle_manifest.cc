#include "catalog/verify/bundle/bundle_manifest.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

constexpr size_t kHexDigits = 2 * signing::Digest::kSize;
constexpr char kSeparator[] = "  ";

absl::Status Bad(size_t line, absl::string_view why) {
  return signing::At(
      {.file = kBundleManifest, .line = static_cast<int64_t>(line)},
      signing::Refuse(signing::RefusalCode::kBundleManifest, why));
}

absl::StatusOr<BundleMember> ParseLine(absl::string_view text, size_t line) {
  const auto digest = signing::Digest::ParseHex(text.substr(0, kHexDigits));
  if (!digest.ok()) return Bad(line, "begins with no SHA-256");
  text.remove_prefix(kHexDigits);
  if (!absl::ConsumePrefix(&text, kSeparator)) {
    return Bad(line, "has no two spaces after the digest");
  }
  BundleMember member{std::string(text), *digest};
  auto name = ParseMirrorPath(text);
  if (!name.ok()) return Bad(line, "names no file of a mirror");
  member.name = *name;
  const bool is_by_content = name->kind == MirrorPath::Kind::kBlob ||
                             name->kind == MirrorPath::Kind::kCatalog;
  if (is_by_content && name->digest != *digest) {
    return Bad(line, absl::StrCat(text, " is listed with another digest"));
  }
  return member;
}

}  // namespace

std::string FormatBundleManifest(std::span<const BundleMember> members) {
  std::string text;
  for (const BundleMember& member : members) {
    absl::StrAppend(&text, member.digest.Hex(), kSeparator, member.path, "\n");
  }
  return text;
}

absl::StatusOr<std::vector<BundleMember>> ParseBundleManifest(
    absl::string_view text) {
  std::vector<BundleMember> members;
  while (!text.empty()) {
    const size_t line = members.size() + 1;
    if (line > kMaxBundleMembers) {
      return Bad(line, absl::StrCat("there are more than ", kMaxBundleMembers));
    }
    const size_t end = text.find('\n');
    if (end == absl::string_view::npos) return Bad(line, "has no line end");
    ORRERY_ASSIGN_OR_RETURN(BundleMember member,
                            ParseLine(text.substr(0, end), line));
    if (!members.empty() && member.path <= members.back().path) {
      return Bad(line, absl::StrCat(member.path, " is listed twice or not in ",
                                    "the order of bytes"));
    }
    members.push_back(std::move(member));
    text.remove_prefix(end + 1);
  }
  return members;
}

}  // namespace orrery::catalog
