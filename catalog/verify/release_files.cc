#include "catalog/verify/release_files.h"

#include <optional>
#include <string>
#include <utility>

#include "catalog/verify/mirror_path.h"
#include "signing/client/content_check.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {

absl::StatusOr<std::string> FetchFile(const signing::ContentFile& file,
                                      PlaceList& places,
                                      const FileCache& cache) {
  std::optional<std::string> cached = cache.ReadBlob(file.digest, file.bytes);
  if (cached.has_value() &&
      static_cast<int64_t>(cached->size()) == file.bytes) {
    return *std::move(cached);
  }
  absl::StatusOr<std::string> bytes = places.Read(
      BlobPath(file.digest), file.bytes,
      [&](absl::string_view read) { return signing::CheckFile(file, read); });
  if (!bytes.ok()) return signing::At({.file = file.path}, bytes.status());
  cache.KeepBlob(file.digest, *bytes);
  return bytes;
}

absl::StatusOr<std::vector<VerifiedFile>> FetchReleaseFiles(
    absl::string_view package, const signing::RevisionContent& content,
    PlaceList& places, const FileCache& cache) {
  std::vector<VerifiedFile> files;
  for (const signing::ContentFile& file : content.files) {
    ORRERY_ASSIGN_OR_RETURN(std::string bytes, FetchFile(file, places, cache));
    files.push_back({file.path, std::move(bytes)});
  }
  std::vector<signing::FetchedFile> fetched;
  for (const VerifiedFile& file : files) {
    fetched.push_back({file.path, file.bytes});
  }
  ORRERY_RETURN_IF_ERROR(signing::CheckContent(package, content, fetched));
  return files;
}

}  // namespace orrery::catalog
