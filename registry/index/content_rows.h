// Contents in the index: by digest, counted by the entries that have them, and
// gone with the last of these.

#ifndef REGISTRY_INDEX_CONTENT_ROWS_H_
#define REGISTRY_INDEX_CONTENT_ROWS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "registry/index/sqlite_database.h"
#include "registry/judge/release.h"
#include "registry/judge/release_judge.h"
#include "signing/digest.h"

namespace orrery::registry {

// Nothing when it is there already. One that no entry uses by the end of the
// transaction stays for ever.
absl::Status PutContent(SqliteDatabase& database, const PackedContent& content);

// `files` of an entry that comes, or goes.
absl::Status UseContents(SqliteDatabase& database,
                         const std::vector<ReleaseContent>& files);
absl::Status ReleaseContents(SqliteDatabase& database,
                             const std::vector<ReleaseContent>& files);

// kNotFound; kDataLoss when what is stored has another digest.
absl::StatusOr<std::string> ReadContent(SqliteDatabase& database,
                                        const signing::Digest& digest);

}  // namespace orrery::registry

#endif  // REGISTRY_INDEX_CONTENT_ROWS_H_
