#include "catalog/verify/logged_content.h"

#include <utility>
#include <variant>

#include "signing/client/replayed_log.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {

absl::StatusOr<SignedContent> ContentOfLeaf(signing::Leaf leaf) {
  auto& body = leaf.record.body;
  if (auto* observed = std::get_if<signing::ObservedRecord>(&body)) {
    return SignedContent{leaf.statement_digest, std::move(observed->content)};
  }
  if (auto* release = std::get_if<signing::ReleaseRecord>(&body)) {
    return SignedContent{leaf.statement_digest, std::move(release->content)};
  }
  return signing::Refuse(signing::RefusalCode::kRecordSyntax,
                         "a leaf that should be one is no record of a release");
}

absl::StatusOr<SignedContent> ReadSignedContent(int64_t leaf,
                                                signing::TileReader& leaves) {
  ORRERY_ASSIGN_OR_RETURN(signing::Leaf read, signing::ReadLeaf(leaf, leaves));
  return ContentOfLeaf(std::move(read));
}

absl::StatusOr<SignedContent> ReadContent(const signing::RevisionEntry& entry,
                                          const LogFiles& files) {
  return ReadSignedContent(entry.released.value_or(entry.first_leaf()),
                           *files.leaves);
}

}  // namespace orrery::catalog
