#ifndef SIGNING_RECORD_SIGNER_COUNT_H_
#define SIGNING_RECORD_SIGNER_COUNT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

#include "signing/record/record.h"
#include "signing/record/signed_record.h"

namespace orrery::signing {

// Whether the signatures of a key with this fingerprint, `SHA256:…`, do not
// count.
using KeyDenial = absl::FunctionRef<bool(const std::string&)>;

struct SignerCount {
  // Whose signatures count, sorted; each once, however many keys it has. Also
  // of a record that is refused because they are too few.
  std::vector<std::string> principals;
  absl::Status status;
};

// Judges the signatures of a maintainer record (spec: trust.md §7.3, §9) by the
// keyset in force, and those of a keyset by both the one in force, nullptr
// before the first, and itself. `least` is a number of principals that the
// caller demands besides. Refusals, the first that applies: record.keyset where
// no keyset judges; record.namespace for a signature in another namespace,
// whoever made it; record.signature; record.namespace for a key without the
// namespace; record.threshold without any signature; for too few principals
// record.revoked, if they are too few for denied keys alone, or
// record.threshold, of a keyset record.keyset.
SignerCount CountSigners(const SignedRecord& record,
                         const KeysetRecord* in_force, KeyDenial is_denied,
                         int64_t least = 1);

// What one keyset asks of a record, and who has done it.
struct KeysetCount {
  // Its number.
  int64_t keyset = 0;
  // How many principals must sign.
  int64_t needed = 0;
  // Whose signatures are right, and who else may sign; each sorted.
  std::vector<std::string> signed_by;
  std::vector<std::string> may_sign;

  bool is_enough() const {
    return static_cast<int64_t>(signed_by.size()) >= needed;
  }
  bool operator==(const KeysetCount&) const = default;
};

// The same by keyset, for people: the one in force, then, of a keyset, itself.
std::vector<KeysetCount> CountByKeyset(const SignedRecord& record,
                                       const KeysetRecord* in_force);

// Whether the signature at that place is by a key that CountSigners asks for.
bool IsRelevant(const SignedRecord& record, const KeysetRecord* in_force,
                size_t at);

}  // namespace orrery::signing

#endif  // SIGNING_RECORD_SIGNER_COUNT_H_
