#include "signing/record/statement_draft.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "signing/record/record_parser.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

Record Next(RecordKind kind, const ChainEnd& end) {
  Record record;
  record.kind = kind;
  record.logs = end.logs;
  record.package = end.package;
  record.seq = end.seq + 1;
  record.prev = end.statement;
  return record;
}

// The statement, after the rules that it will be read by.
absl::StatusOr<std::string> Print(const Record& record) {
  std::string statement = PrintRecord(record);
  ORRERY_RETURN_IF_ERROR(ParseRecord(statement).status());
  return statement;
}

absl::Status CheckHasKeyset(const ChainEnd& end) {
  if (end.keyset.has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(end.package, " has no keyset yet, which says who may sign"));
}

absl::Status Drop(const std::string& principal, KeysetRecord& keyset) {
  const size_t dropped = std::erase_if(
      keyset.signers,
      [&](const Signer& signer) { return signer.principal == principal; });
  if (dropped > 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the keyset in force has no signer ", principal, " to drop"));
}

// The last one alone would have it.
absl::Status CheckNoKeyTwice(const std::vector<Signer>& signers) {
  std::map<std::string, std::string> principals;
  for (const Signer& signer : signers) {
    const auto [known, is_new] =
        principals.emplace(signer.key.Fingerprint(), signer.principal);
    if (is_new) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("the key ", known->first, " is named twice, for ",
                     known->second, " and for ", signer.principal,
                     ": each person signs with a key of his own"));
  }
  return absl::OkStatus();
}

void Add(const Signer& added, KeysetRecord& keyset) {
  std::erase_if(keyset.signers,
                [&](const Signer& signer) { return signer.key == added.key; });
  keyset.signers.push_back(added);
}

absl::Status Apply(const KeysetChange& change, KeysetRecord& keyset) {
  for (const std::string& principal : change.dropped_principals) {
    ORRERY_RETURN_IF_ERROR(Drop(principal, keyset));
  }
  ORRERY_RETURN_IF_ERROR(CheckNoKeyTwice(change.signers));
  for (const Signer& signer : change.signers) Add(signer, keyset);
  if (change.keyset_threshold) {
    keyset.keyset_threshold = *change.keyset_threshold;
  }
  if (change.release_threshold) {
    keyset.release_threshold = *change.release_threshold;
  }
  if (change.yank_threshold) keyset.yank_threshold = *change.yank_threshold;
  if (change.mode) keyset.mode = *change.mode;
  if (!change.repositories.empty()) keyset.repositories = change.repositories;
  std::sort(keyset.signers.begin(), keyset.signers.end(),
            [](const Signer& a, const Signer& b) {
              return PrintSigner(a) < PrintSigner(b);
            });
  std::sort(keyset.repositories.begin(), keyset.repositories.end());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> DraftKeyset(const ChainEnd& end,
                                        const KeysetRecord* in_force,
                                        const KeysetChange& change) {
  KeysetRecord keyset;
  keyset.keyset_threshold = keyset.release_threshold = keyset.yank_threshold =
      1;
  if (in_force != nullptr) keyset = *in_force;
  ORRERY_RETURN_IF_ERROR(Apply(change, keyset));
  if (keyset.signers.empty()) {
    return absl::InvalidArgumentError(
        "a keyset without a signer signs nothing");
  }
  if (keyset.repositories.empty()) {
    return absl::InvalidArgumentError(
        "a keyset names the repositories that publish the package");
  }
  Record record = Next(RecordKind::kKeyset, end);
  if (!change.logs.empty()) record.logs = change.logs;
  std::sort(record.logs.begin(), record.logs.end());
  if (record.logs.empty()) {
    return absl::InvalidArgumentError(
        "a keyset names the logs that it may be put into");
  }
  if (in_force != nullptr) {
    Record same = record;
    same.logs = end.logs;
    same.body = *in_force;
    record.body = keyset;
    if (PrintRecord(same) == PrintRecord(record)) {
      return absl::FailedPreconditionError(
          absl::StrCat("this is what keyset ", in_force->number,
                       " says already; nothing was written"));
    }
    ++keyset.number;
  } else {
    keyset.number = 1;
  }
  record.body = std::move(keyset);
  return Print(record);
}

absl::StatusOr<std::string> DraftRelease(const ChainEnd& end,
                                         RevisionContent content) {
  ORRERY_RETURN_IF_ERROR(CheckHasKeyset(end));
  Record record = Next(RecordKind::kRelease, end);
  record.body = ReleaseRecord{*end.keyset, std::move(content)};
  return Print(record);
}

absl::StatusOr<std::string> DraftYank(const ChainEnd& end, int64_t release,
                                      std::optional<int64_t> revision,
                                      absl::string_view reason) {
  ORRERY_RETURN_IF_ERROR(CheckHasKeyset(end));
  Record record = Next(RecordKind::kYank, end);
  record.body = YankRecord{*end.keyset, release, revision, std::string(reason)};
  return Print(record);
}

absl::StatusOr<SshKey> ParsePublicKeyFile(absl::string_view text) {
  std::vector<absl::string_view> lines;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (!line.empty() && line[0] != '#') lines.push_back(line);
  }
  const std::vector<absl::string_view> fields =
      lines.size() == 1
          ? absl::StrSplit(lines[0], absl::MaxSplits(' ', 2), absl::SkipEmpty())
          : std::vector<absl::string_view>();
  if (fields.size() < 2) {
    return absl::InvalidArgumentError(
        "a public key is one line of key type, base64 and comment, as "
        "ssh-keygen writes it");
  }
  return SshKey::ParseText(fields[0], fields[1]);
}

}  // namespace orrery::signing
