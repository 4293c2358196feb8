#include "signing/keyset_parser.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

#include "signing/field.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

constexpr int64_t kMaxThreshold = 8;
constexpr size_t kMaxSigners = 32;
constexpr size_t kMaxRepositories = 4;

constexpr std::array<absl::string_view, 4> kNamespaces = {
    "git", "keyset@orrery", "release@orrery", "yank@orrery"};

absl::StatusOr<std::vector<std::string>> ReadNamespaces(
    absl::string_view field) {
  if (!absl::ConsumePrefix(&field, "namespaces=\"") ||
      !absl::ConsumeSuffix(&field, "\"")) {
    return absl::InvalidArgumentError(
        "behind the principal of a signer namespaces=\"…\" is wanted");
  }
  std::vector<std::string> namespaces = absl::StrSplit(field, ',');
  for (size_t i = 0; i < namespaces.size(); ++i) {
    if (std::find(kNamespaces.begin(), kNamespaces.end(), namespaces[i]) ==
        kNamespaces.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", namespaces[i], "' is no namespace"));
    }
    if (i > 0 && namespaces[i - 1] >= namespaces[i]) {
      return absl::InvalidArgumentError(
          "the namespaces are not strictly ascending");
    }
  }
  return namespaces;
}

absl::StatusOr<Signer> ReadSigner(absl::string_view text) {
  const std::vector<absl::string_view> fields = absl::StrSplit(text, ' ');
  if (fields.size() != 4) {
    return absl::InvalidArgumentError(
        "a signer is a principal, namespaces=\"…\", a key type and base64, "
        "with one space between any two");
  }
  ORRERY_RETURN_IF_ERROR(CheckPrincipal(fields[0]));
  ORRERY_ASSIGN_OR_RETURN(std::vector<std::string> namespaces,
                          ReadNamespaces(fields[1]));
  ORRERY_ASSIGN_OR_RETURN(SshKey key, SshKey::ParseText(fields[2], fields[3]));
  return Signer{std::string(fields[0]), std::move(namespaces), std::move(key)};
}

absl::Status TakeSigners(StatementReader& reader, KeysetRecord& keyset) {
  absl::string_view previous;
  std::set<std::string> blobs;
  do {
    ORRERY_ASSIGN_OR_RETURN(const absl::string_view text,
                            reader.Take("signer"));
    if (previous >= text) {
      return absl::InvalidArgumentError(
          "the signers are not strictly ascending");
    }
    previous = text;
    if (keyset.signers.size() == kMaxSigners) {
      return absl::InvalidArgumentError(
          absl::StrCat("there are more than ", kMaxSigners, " signers"));
    }
    ORRERY_ASSIGN_OR_RETURN(Signer signer, ReadSigner(text));
    if (!blobs.insert(signer.key.blob()).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the key ", signer.key.Fingerprint(), " stands there twice"));
    }
    keyset.signers.push_back(std::move(signer));
  } while (reader.Sees("signer"));
  return absl::OkStatus();
}

absl::Status TakeRepositories(StatementReader& reader, KeysetRecord& keyset) {
  do {
    ORRERY_ASSIGN_OR_RETURN(RepositoryRef repository, TakeRepository(reader));
    if (!keyset.repositories.empty() &&
        keyset.repositories.back() >= repository) {
      return absl::InvalidArgumentError("the repos are not ascending");
    }
    if (keyset.repositories.size() == kMaxRepositories) {
      return absl::InvalidArgumentError(
          absl::StrCat("there are more than ", kMaxRepositories, " repos"));
    }
    keyset.repositories.push_back(std::move(repository));
  } while (reader.Sees("repo"));
  return absl::OkStatus();
}

// Otherwise nobody could ever sign.
absl::Status CheckThreshold(const KeysetRecord& keyset,
                            absl::string_view name_space, int64_t threshold) {
  std::set<absl::string_view> principals;
  for (const Signer& signer : keyset.signers) {
    if (std::find(signer.namespaces.begin(), signer.namespaces.end(),
                  name_space) != signer.namespaces.end()) {
      principals.insert(signer.principal);
    }
  }
  if (static_cast<int64_t>(principals.size()) >= threshold) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "a threshold of ", threshold, " is more than the ", principals.size(),
      " principals with the namespace ", name_space));
}

}  // namespace

absl::StatusOr<RevisionMode> TakeRevisionMode(StatementReader& reader) {
  ORRERY_ASSIGN_OR_RETURN(const size_t word,
                          reader.TakeWord("mode", {"immutable", "mutable"}));
  return word == 0 ? RevisionMode::kImmutable : RevisionMode::kMutable;
}

absl::StatusOr<RepositoryRef> TakeRepository(StatementReader& reader) {
  ORRERY_ASSIGN_OR_RETURN(const auto fields, reader.TakeFields("repo", 2));
  ORRERY_RETURN_IF_ERROR(CheckGitUrl(fields[0]));
  ORRERY_RETURN_IF_ERROR(CheckRef(fields[1]));
  return RepositoryRef{std::string(fields[0]), std::string(fields[1])};
}

absl::StatusOr<KeysetRecord> TakeKeyset(StatementReader& reader) {
  KeysetRecord keyset;
  ORRERY_ASSIGN_OR_RETURN(keyset.number,
                          reader.TakeNumber("keyset", 1, kMaxSeq));
  ORRERY_ASSIGN_OR_RETURN(
      keyset.keyset_threshold,
      reader.TakeNumber("threshold keyset", 1, kMaxThreshold));
  ORRERY_ASSIGN_OR_RETURN(
      keyset.release_threshold,
      reader.TakeNumber("threshold release", 1, kMaxThreshold));
  ORRERY_ASSIGN_OR_RETURN(
      keyset.yank_threshold,
      reader.TakeNumber("threshold yank", 1, kMaxThreshold));
  ORRERY_ASSIGN_OR_RETURN(keyset.mode, TakeRevisionMode(reader));
  ORRERY_RETURN_IF_ERROR(TakeSigners(reader, keyset));
  ORRERY_RETURN_IF_ERROR(
      CheckThreshold(keyset, "keyset@orrery", keyset.keyset_threshold));
  ORRERY_RETURN_IF_ERROR(
      CheckThreshold(keyset, "release@orrery", keyset.release_threshold));
  ORRERY_RETURN_IF_ERROR(
      CheckThreshold(keyset, "yank@orrery", keyset.yank_threshold));
  ORRERY_RETURN_IF_ERROR(TakeRepositories(reader, keyset));
  ORRERY_ASSIGN_OR_RETURN(
      const size_t gate,
      reader.TakeWord("gate", {"none", "first-parent", "all"}));
  keyset.gate = static_cast<CommitGate>(gate);
  return keyset;
}

}  // namespace orrery::signing
