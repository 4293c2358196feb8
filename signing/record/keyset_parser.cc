#include "signing/record/keyset_parser.h"

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
#include "signing/refusal.h"
#include "signing/ssh/ssh_key.h"
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

// The words of a `signer` line.
struct SignerLine {
  absl::string_view principal;
  std::vector<std::string> namespaces;
  absl::string_view key_type;
  absl::string_view key;
};

absl::StatusOr<SignerLine> ReadSigner(absl::string_view text) {
  const std::vector<absl::string_view> fields = absl::StrSplit(text, ' ');
  if (fields.size() != 4) {
    return absl::InvalidArgumentError(
        "a signer is a principal, namespaces=\"…\", a key type and base64, "
        "with one space between any two");
  }
  ORRERY_RETURN_IF_ERROR(CheckPrincipal(fields[0]));
  ORRERY_ASSIGN_OR_RETURN(std::vector<std::string> namespaces,
                          ReadNamespaces(fields[1]));
  return SignerLine{fields[0], std::move(namespaces), fields[2], fields[3]};
}

absl::StatusOr<std::vector<SignerLine>> TakeSigners(StatementReader& reader,
                                                    KeysetRecord& keyset,
                                                    absl::Status& weakness) {
  std::vector<SignerLine> lines;
  absl::string_view previous;
  std::set<absl::string_view> keys;
  do {
    ORRERY_ASSIGN_OR_RETURN(const absl::string_view text,
                            reader.Take("signer"));
    if (previous >= text) {
      return absl::InvalidArgumentError(
          "the signers are not strictly ascending");
    }
    previous = text;
    if (lines.size() == kMaxSigners) {
      return absl::InvalidArgumentError(
          absl::StrCat("there are more than ", kMaxSigners, " signers"));
    }
    ORRERY_ASSIGN_OR_RETURN(SignerLine line, ReadSigner(text));
    auto key = SshKey::ParseText(line.key_type, line.key);
    if (!key.ok() && !RefusalOf(key.status())) return key.status();
    if (!keys.insert(line.key).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("the key ", line.key, " stands there twice"));
    }
    if (key.ok()) {
      keyset.signers.push_back(
          {std::string(line.principal), line.namespaces, *std::move(key)});
    } else if (weakness.ok()) {
      weakness = At({.line = reader.line()}, key.status());
    }
    lines.push_back(std::move(line));
  } while (reader.Sees("signer"));
  return lines;
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
absl::Status CheckThreshold(const std::vector<SignerLine>& signers,
                            absl::string_view name_space, int64_t threshold) {
  std::set<absl::string_view> principals;
  for (const SignerLine& signer : signers) {
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
  ORRERY_ASSIGN_OR_RETURN(const auto fields, reader.TakeFields<2>("repo"));
  ORRERY_RETURN_IF_ERROR(CheckGitUrl(fields[0]));
  ORRERY_RETURN_IF_ERROR(CheckRef(fields[1]));
  return RepositoryRef{std::string(fields[0]), std::string(fields[1])};
}

absl::StatusOr<KeysetRecord> TakeKeyset(StatementReader& reader,
                                        absl::Status& weakness) {
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
  ORRERY_ASSIGN_OR_RETURN(const std::vector<SignerLine> signers,
                          TakeSigners(reader, keyset, weakness));
  ORRERY_RETURN_IF_ERROR(
      CheckThreshold(signers, "keyset@orrery", keyset.keyset_threshold));
  ORRERY_RETURN_IF_ERROR(
      CheckThreshold(signers, "release@orrery", keyset.release_threshold));
  ORRERY_RETURN_IF_ERROR(
      CheckThreshold(signers, "yank@orrery", keyset.yank_threshold));
  ORRERY_RETURN_IF_ERROR(TakeRepositories(reader, keyset));
  ORRERY_ASSIGN_OR_RETURN(
      const size_t gate,
      reader.TakeWord("gate", {"none", "first-parent", "all"}));
  keyset.gate = static_cast<CommitGate>(gate);
  return keyset;
}

}  // namespace orrery::signing
