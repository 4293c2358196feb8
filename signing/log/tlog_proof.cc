#include "signing/log/tlog_proof.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "signing/encoding.h"
#include "signing/log/merkle.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

constexpr absl::string_view kFormat = "c2sp.org/tlog-proof@v1";

absl::StatusOr<Digest> ParseHash(absl::string_view line) {
  ORRERY_ASSIGN_OR_RETURN(const std::string bytes, DecodeBase64(line));
  return Digest::FromBytes(bytes);
}

absl::Status AddHash(absl::string_view line, std::vector<Digest>& hashes) {
  if (hashes.size() == kMaxProofHashes) {
    return Refuse(
        RefusalCode::kLogInclusion,
        absl::StrCat("a proof has over ", kMaxProofHashes, " hashes"));
  }
  ORRERY_ASSIGN_OR_RETURN(const Digest hash, ParseHash(line));
  hashes.push_back(hash);
  return absl::OkStatus();
}

absl::StatusOr<TlogProof> ParseLines(absl::string_view bytes) {
  LineReader lines(bytes);
  TlogProof proof;
  ORRERY_ASSIGN_OR_RETURN(absl::string_view line, lines.Next());
  if (line != kFormat) {
    return absl::InvalidArgumentError(
        absl::StrCat("its first line is not '", kFormat, "'"));
  }
  ORRERY_ASSIGN_OR_RETURN(line, lines.Next());
  if (absl::ConsumePrefix(&line, "extra ")) {
    ORRERY_ASSIGN_OR_RETURN(proof.extra, DecodeBase64(line));
    ORRERY_ASSIGN_OR_RETURN(line, lines.Next());
  }
  if (!absl::ConsumePrefix(&line, "index ")) {
    return absl::InvalidArgumentError("its index is missing");
  }
  ORRERY_ASSIGN_OR_RETURN(proof.index, ParseDecimal(line));
  while (true) {
    ORRERY_ASSIGN_OR_RETURN(line, lines.Next());
    if (line.empty()) break;
    ORRERY_RETURN_IF_ERROR(AddHash(line, proof.hashes));
  }
  proof.note = std::string(lines.rest());
  return proof;
}

absl::Status NoProof(absl::Status status) {
  return RefuseAs(RefusalCode::kLogSyntax, std::move(status));
}

}  // namespace

std::string FormatHashLines(std::span<const Digest> hashes) {
  std::string text;
  for (const Digest& hash : hashes) {
    absl::StrAppend(&text, absl::Base64Escape(hash.bytes()), "\n");
  }
  return text;
}

absl::StatusOr<std::vector<Digest>> ParseHashLines(absl::string_view text) {
  std::vector<Digest> hashes;
  LineReader lines(text);
  while (!lines.AtEnd()) {
    const absl::StatusOr<absl::string_view> line = lines.Next();
    if (!line.ok()) return NoProof(line.status());
    ORRERY_RETURN_IF_ERROR(NoProof(AddHash(*line, hashes)));
  }
  return hashes;
}

std::string FormatTlogProof(const TlogProof& proof) {
  std::string text = absl::StrCat(kFormat, "\n");
  if (proof.extra) {
    absl::StrAppend(&text, "extra ", absl::Base64Escape(*proof.extra), "\n");
  }
  absl::StrAppend(&text, "index ", proof.index, "\n",
                  FormatHashLines(proof.hashes), "\n", proof.note);
  return text;
}

absl::StatusOr<TlogProof> ParseTlogProof(absl::string_view bytes) {
  absl::StatusOr<TlogProof> proof = ParseLines(bytes);
  if (!proof.ok()) return NoProof(proof.status());
  return proof;
}

}  // namespace orrery::signing
