#include "signing/content_check.h"

#include <cstddef>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"

#include "signing/digest.h"
#include "signing/field.h"
#include "signing/refusal.h"
#include "signing/tree_hash.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {

absl::Status CheckFile(const ContentFile& signed_file,
                       absl::string_view bytes) {
  if (bytes.size() != static_cast<size_t>(signed_file.bytes)) {
    return Refuse(RefusalCode::kContentSize,
                  absl::StrCat(signed_file.path, " has not the ",
                               signed_file.bytes, " bytes of its record"));
  }
  const Digest digest = Digest::Of(bytes);
  if (digest == signed_file.digest) return absl::OkStatus();
  return Refuse(
      RefusalCode::kContentDigest,
      absl::StrCat(signed_file.path, " is sha256:", digest.Hex(),
                   ", by its record sha256:", signed_file.digest.Hex()));
}

absl::Status CheckContent(absl::string_view package,
                          const RevisionContent& content,
                          std::span<const FetchedFile> files) {
  std::map<absl::string_view, absl::string_view> fetched;
  for (const FetchedFile& file : files) {
    ORRERY_RETURN_IF_ERROR(
        RefuseAs(RefusalCode::kContentPath, CheckPath(file.path)));
    if (!fetched.emplace(file.path, file.bytes).second) {
      return Refuse(RefusalCode::kContentUnlisted,
                    absl::StrCat(file.path, " is there twice"));
    }
  }
  std::vector<TreeHash::File> tree;
  for (const ContentFile& file : content.files) {
    const auto found = fetched.find(file.path);
    if (found == fetched.end()) {
      return Refuse(RefusalCode::kContentUnlisted,
                    absl::StrCat(file.path, " is missing"));
    }
    ORRERY_RETURN_IF_ERROR(CheckFile(file, found->second));
    fetched.erase(found);
    tree.push_back({file.path, file.digest});
  }
  if (!fetched.empty()) {
    return Refuse(
        RefusalCode::kContentUnlisted,
        absl::StrCat("the record does not list ", fetched.begin()->first));
  }
  if (TreeHash::Of(package, content.release, tree) == content.tree) {
    return absl::OkStatus();
  }
  return Refuse(
      RefusalCode::kContentTree,
      absl::StrCat("the files do not give the tree ", content.tree.Text()));
}

}  // namespace orrery::signing
