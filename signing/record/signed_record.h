#ifndef SIGNING_RECORD_SIGNED_RECORD_H_
#define SIGNING_RECORD_SIGNED_RECORD_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/record/leaf.h"
#include "signing/record/record.h"
#include "signing/ssh/armor.h"
#include "signing/ssh/ssh_key.h"

namespace orrery::signing {

// What must be kept of a maintainer record to judge its signatures, now and
// later, by any policy. Several threads may use it at once.
class SignedRecord {
 public:
  SignedRecord(const Leaf& leaf, const Digest& leaf_hash);
  SignedRecord(const SignedRecord&) = delete;
  SignedRecord& operator=(const SignedRecord&) = delete;

  RecordKind kind() const { return kind_; }
  const Digest& leaf_hash() const { return leaf_hash_; }
  // Of a `keyset` record; else nullptr.
  const KeysetRecord* keyset() const { return keyset_ ? &*keyset_ : nullptr; }
  // Not verified.
  const std::vector<SshSignature>& signatures() const { return signatures_; }

  // record.signature unless signature `at` is one of the statement by `key`,
  // whose blob it must have. What was found once is remembered, since a log
  // never changes and its records are asked about again and again.
  absl::Status Verify(size_t at, const SshKey& key) const;

 private:
  enum class Verdict : char { kUnknown, kGood, kWrong };

  RecordKind kind_;
  Digest leaf_hash_;
  // Of the statement.
  Digest sha256_;
  // The same; empty if no signature is over it.
  std::string sha512_;
  std::optional<KeysetRecord> keyset_;
  std::vector<SshSignature> signatures_;
  mutable std::array<std::atomic<Verdict>, kMaxLeafSignatures> verdicts_{};
};

// What a record of that kind is signed in: `release@orrery`.
absl::string_view NamespaceOf(RecordKind kind);

}  // namespace orrery::signing

#endif  // SIGNING_RECORD_SIGNED_RECORD_H_
