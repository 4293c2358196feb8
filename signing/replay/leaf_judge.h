#ifndef SIGNING_REPLAY_LEAF_JUDGE_H_
#define SIGNING_REPLAY_LEAF_JUDGE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"

#include "signing/record/leaf.h"
#include "signing/replay/log_state.h"

namespace orrery::signing {

// Whether `leaf` may be the next of the log (spec: trust.md §11.5); otherwise
// the refusal for which it is void: record.origin, record.threshold,
// record.chain, record.fork, record.revision, record.evidence, record.keyset,
// index.mismatch. The first of this order, except that a leaf without any
// signature says nothing further.
absl::Status JudgeLeaf(const LogState& log, const Leaf& leaf);

// The same of a leaf whose signatures may be yet to come.
absl::Status JudgeUnsigned(const LogState& log, const Leaf& leaf);

// Of a leaf that JudgeLeaf refuses with record.fork: the earlier leaf that it
// contradicts.
std::optional<int64_t> FindContradicted(const LogState& log, const Leaf& leaf);

// The base source in force that publishes the records of a keyset: among those
// of its repositories the first by priority, then id (§9); empty if none does.
std::string HomeSource(const LogState& log, const KeysetRecord& keyset);

}  // namespace orrery::signing

#endif  // SIGNING_REPLAY_LEAF_JUDGE_H_
