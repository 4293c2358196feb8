// Values of the registry as messages of its API.

#ifndef REGISTRY_API_PROTO_CONVERSION_H_
#define REGISTRY_API_PROTO_CONVERSION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/git/source.h"
#include "registry/index/snapshot.h"
#include "registry/judge/release.h"
#include "registry/source/source_status.h"
#include "registry/v1/package.pb.h"
#include "registry/v1/source.pb.h"

namespace orrery::registry {

// `text` with U+FFFD in place of what is no UTF-8: strings of messages must be.
std::string ValidUtf8(absl::string_view text);

v1::PackageSummary SummaryToProto(const Release& release);
// With the documents, which `snapshot` reads.
absl::StatusOr<v1::Release> ReleaseToProto(const Snapshot& snapshot,
                                           const Release& release);
v1::Source SourceToProto(const SourceStatus& status);
// One that has not ended, of the look with that number; and what came of it.
v1::SourceOperation OperationToProto(const std::string& source, int64_t look);
void EndOperation(const SourceStatus& status, v1::SourceOperation* message);
// Adds what an overlay source says wrong of its base, as it is now.
absl::Status AddOverlayFindings(const Snapshot& snapshot,
                                const SourceContents& overlay,
                                v1::Source* message);
// kInvalidArgument for words that are none.
absl::StatusOr<Source> SourceFromProto(const v1::CreateSourceRequest& request);

}  // namespace orrery::registry

#endif  // REGISTRY_API_PROTO_CONVERSION_H_
