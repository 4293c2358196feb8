#ifndef SIGNING_LOG_TLOG_PROOF_H_
#define SIGNING_LOG_TLOG_PROOF_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"

namespace orrery::signing {

// Proofs as text (spec: trust.md §11.6). The refusal log.syntax for other
// text, log.inclusion for more than 63 hashes.

// One hash a line in base64, each line with its LF: a consistency proof.
std::string FormatHashLines(std::span<const Digest> hashes);
absl::StatusOr<std::vector<Digest>> ParseHashLines(absl::string_view text);

// A file that shows one leaf in a log (C2SP tlog-proof). Nothing in it is
// authentic: `extra`, where Orrery puts the leaf, least of all.
struct TlogProof {
  std::optional<std::string> extra;
  uint64_t index = 0;
  std::vector<Digest> hashes;  // from the leaf upwards
  std::string note;            // bytes of the checkpoint's note

  bool operator==(const TlogProof&) const = default;
};

std::string FormatTlogProof(const TlogProof& proof);
absl::StatusOr<TlogProof> ParseTlogProof(absl::string_view bytes);

}  // namespace orrery::signing

#endif  // SIGNING_LOG_TLOG_PROOF_H_
