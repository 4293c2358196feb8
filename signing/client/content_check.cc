#include "signing/client/content_check.h"

#include <cstddef>
#include <map>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "signing/digest.h"
#include "signing/field.h"
#include "signing/refusal.h"
#include "signing/tree_hash.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

absl::Status CheckSize(const ContentFile& signed_file,
                       absl::string_view bytes) {
  if (bytes.size() == static_cast<size_t>(signed_file.bytes)) {
    return absl::OkStatus();
  }
  return Refuse(RefusalCode::kContentSize,
                absl::StrCat(signed_file.path, " has not the ",
                             signed_file.bytes, " bytes of its record"));
}

absl::Status CheckDigest(const ContentFile& signed_file,
                         absl::string_view bytes) {
  const Digest digest = Digest::Of(bytes);
  if (digest == signed_file.digest) return absl::OkStatus();
  return Refuse(
      RefusalCode::kContentDigest,
      absl::StrCat(signed_file.path, " is sha256:", digest.Hex(),
                   ", by its record sha256:", signed_file.digest.Hex()));
}

absl::Status CheckTree(absl::string_view package,
                       const RevisionContent& content) {
  std::vector<TreeHash::File> files;
  for (const ContentFile& file : content.files) {
    files.push_back({file.path, file.digest});
  }
  if (TreeHash::Of(package, content.release, files) == content.tree) {
    return absl::OkStatus();
  }
  return Refuse(
      RefusalCode::kContentTree,
      absl::StrCat("the files do not give the tree ", content.tree.Text()));
}

using FilesByPath = std::map<absl::string_view, const ContentFile*>;

absl::Status CheckListed(const FilesByPath& wanted,
                         std::span<const FetchedFile> files) {
  FilesByPath missing = wanted;
  for (const FetchedFile& file : files) {
    if (missing.erase(file.path) != 0) continue;
    return Refuse(RefusalCode::kContentUnlisted,
                  wanted.count(file.path) == 0
                      ? absl::StrCat("the record does not list ",
                                     absl::CHexEscape(file.path))
                      : absl::StrCat(file.path, " is there twice"));
  }
  if (missing.empty()) return absl::OkStatus();
  return Refuse(RefusalCode::kContentUnlisted,
                absl::StrCat(missing.begin()->first, " is missing"));
}

}  // namespace

absl::Status CheckFile(const ContentFile& signed_file,
                       absl::string_view bytes) {
  ORRERY_RETURN_IF_ERROR(CheckSize(signed_file, bytes));
  return CheckDigest(signed_file, bytes);
}

absl::Status CheckContent(absl::string_view package,
                          const RevisionContent& content,
                          std::span<const FetchedFile> files) {
  FilesByPath wanted;
  for (const ContentFile& file : content.files) wanted[file.path] = &file;
  // One pass for each, since the first of their order is what is told.
  for (auto* const check : {&CheckSize, &CheckDigest}) {
    for (const FetchedFile& file : files) {
      const auto found = wanted.find(file.path);
      if (found == wanted.end()) continue;
      ORRERY_RETURN_IF_ERROR(check(*found->second, file.bytes));
    }
  }
  ORRERY_RETURN_IF_ERROR(CheckTree(package, content));
  ORRERY_RETURN_IF_ERROR(CheckListed(wanted, files));
  for (const ContentFile& file : content.files) {
    ORRERY_RETURN_IF_ERROR(
        RefuseAs(RefusalCode::kContentPath, CheckPath(file.path)));
  }
  return absl::OkStatus();
}

}  // namespace orrery::signing
