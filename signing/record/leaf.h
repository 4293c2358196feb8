#ifndef SIGNING_RECORD_LEAF_H_
#define SIGNING_RECORD_LEAF_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/record/record.h"
#include "signing/ssh/armor.h"

namespace orrery::signing {

inline constexpr size_t kMaxLeafBytes = 32768;
inline constexpr size_t kMaxLeafSignatures = 8;

// An entry of the log (spec: trust.md §8) whose form is right.
struct Leaf {
  std::string statement;
  // SHA-256 of the statement.
  Digest statement_digest;
  Record record;
  // In the leaf's order; not verified.
  std::vector<SshSignature> signatures;
};

// record.syntax for what is no statement with canonical signatures: more than
// the limits, armors in another form or order, a signature where the kind has
// none, two at a claim. record.key.weak for a keyset's weak key.
absl::StatusOr<Leaf> ParseLeaf(absl::string_view bytes);

// record.threshold for a maintainer record or claim without any signature.
absl::Status CheckIsSigned(const Leaf& leaf);

// The statement, which ends with LF, an empty line, and the armors of
// `signatures` in the leaf's order.
std::string JoinLeaf(absl::string_view statement,
                     const std::vector<SshSignature>& signatures);

}  // namespace orrery::signing

#endif  // SIGNING_RECORD_LEAF_H_
