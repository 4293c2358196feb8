#include "registry/index/content_rows.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

#include "registry/judge/content_packer.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {

absl::Status PutContent(SqliteDatabase& database,
                        const PackedContent& content) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement known,
      database.Prepare("SELECT 1 FROM content WHERE digest = ?1 AND packed"));
  known.BindBlob(1, content.digest.bytes());
  ORRERY_ASSIGN_OR_RETURN(const bool there, known.Step());
  if (there) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement put,
      database.Prepare("INSERT INTO packed(size, bytes) VALUES (?1, ?2)"));
  put.Bind(1, static_cast<int64_t>(content.size)).BindBlob(2, content.packed);
  ORRERY_RETURN_IF_ERROR(put.Run());
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement name,
      database.Prepare("INSERT INTO content VALUES (?1, ?2, 0) "
                       "ON CONFLICT DO UPDATE SET packed = ?2"));
  return name.BindBlob(1, content.digest.bytes())
      .Bind(2, database.LastRowId())
      .Run();
}

absl::Status UseContents(SqliteDatabase& database,
                         const std::vector<ReleaseContent>& files) {
  // The bytes may come with a later entry of the same change.
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement use,
      database.Prepare("INSERT INTO content VALUES (?1, 0, 1) "
                       "ON CONFLICT DO UPDATE SET uses = uses + 1"));
  for (const ReleaseContent& file : files) {
    if (!file.digest.has_value()) continue;
    ORRERY_RETURN_IF_ERROR(use.BindBlob(1, file.digest->bytes()).Run());
  }
  return absl::OkStatus();
}

absl::Status ReleaseContents(SqliteDatabase& database,
                             const std::vector<ReleaseContent>& files) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement release,
      database.Prepare("UPDATE content SET uses = uses - 1 "
                       "WHERE digest = ?1 RETURNING uses, packed"));
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement erase,
      database.Prepare("DELETE FROM content WHERE digest = ?1"));
  ORRERY_ASSIGN_OR_RETURN(SqliteStatement erase_packed,
                          database.Prepare("DELETE FROM packed WHERE id = ?1"));
  for (const ReleaseContent& file : files) {
    if (!file.digest.has_value()) continue;
    release.BindBlob(1, file.digest->bytes());
    ORRERY_ASSIGN_OR_RETURN(const bool there, release.Step());
    const bool unused = there && release.Int(0) <= 0;
    const int64_t packed = there ? release.Int(1) : 0;
    release.Reset();
    if (!unused) continue;
    ORRERY_RETURN_IF_ERROR(erase.BindBlob(1, file.digest->bytes()).Run());
    ORRERY_RETURN_IF_ERROR(erase_packed.Bind(1, packed).Run());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadContent(SqliteDatabase& database,
                                        const signing::Digest& digest) {
  ORRERY_ASSIGN_OR_RETURN(
      SqliteStatement query,
      database.Prepare("SELECT size, bytes FROM content JOIN packed "
                       "ON packed.id = content.packed WHERE digest = ?1"));
  query.BindBlob(1, digest.bytes());
  ORRERY_ASSIGN_OR_RETURN(const bool there, query.Step());
  if (!there) {
    return absl::NotFoundError(
        absl::StrCat("content sha256:", digest.Hex(), " is not stored"));
  }
  absl::StatusOr<std::string> bytes =
      UnpackContent(query.Blob(1), static_cast<uint64_t>(query.Int(0)));
  if (bytes.ok() && signing::Digest::Of(*bytes) != digest) {
    return absl::DataLossError(
        absl::StrCat("stored content sha256:", digest.Hex(), " is damaged"));
  }
  return bytes;
}

}  // namespace orrery::registry
