#include "catalog/verify/release_files.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "catalog/verify/mirror_path.h"
#include "signing/content_check.h"
#include "signing/leaf.h"
#include "signing/refusal.h"
#include "signing/replayed_log.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {

absl::StatusOr<SignedContent> ReadSignedContent(int64_t leaf,
                                                signing::TileReader& leaves) {
  ORRERY_ASSIGN_OR_RETURN(signing::Leaf read, signing::ReadLeaf(leaf, leaves));
  if (auto* observed =
          std::get_if<signing::ObservedRecord>(&read.record.body)) {
    return SignedContent{read.statement_digest, std::move(observed->content)};
  }
  if (auto* release = std::get_if<signing::ReleaseRecord>(&read.record.body)) {
    return SignedContent{read.statement_digest, std::move(release->content)};
  }
  return absl::InternalError(
      absl::StrCat("leaf ", leaf, " carries no content"));
}

absl::StatusOr<std::string> FetchFile(const signing::ContentFile& file,
                                      PlaceList& places,
                                      const FileCache& cache) {
  std::optional<std::string> cached = cache.ReadBlob(file.digest, file.bytes);
  if (cached.has_value() &&
      static_cast<int64_t>(cached->size()) == file.bytes) {
    return *std::move(cached);
  }
  ORRERY_ASSIGN_OR_RETURN(std::string bytes,
                          places.Read(BlobPath(file.digest), file.bytes,
                                      [&](absl::string_view read) {
                                        return signing::CheckFile(file, read);
                                      }));
  cache.KeepBlob(file.digest, bytes);
  return bytes;
}

absl::StatusOr<std::vector<VerifiedFile>> FetchReleaseFiles(
    absl::string_view package, const signing::RevisionContent& content,
    PlaceList& places, const FileCache& cache) {
  std::vector<VerifiedFile> files;
  for (const signing::ContentFile& file : content.files) {
    auto bytes = FetchFile(file, places, cache);
    if (!bytes.ok()) return signing::At({.file = file.path}, bytes.status());
    files.push_back({file.path, *std::move(bytes)});
  }
  std::vector<signing::FetchedFile> fetched;
  for (const VerifiedFile& file : files) {
    fetched.push_back({file.path, file.bytes});
  }
  ORRERY_RETURN_IF_ERROR(signing::CheckContent(package, content, fetched));
  return files;
}

}  // namespace orrery::catalog
