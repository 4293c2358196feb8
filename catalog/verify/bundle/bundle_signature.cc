#include "catalog/verify/bundle/bundle_signature.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/verify/bundle/bundle_manifest.h"
#include "signing/refusal.h"
#include "signing/ssh/armor.h"
#include "signing/ssh/ssh_verifier.h"

namespace orrery::catalog {
namespace {

using signing::SshKey;

absl::Status Bad(absl::string_view why) {
  return signing::At(
      {.file = kBundleSignature},
      signing::Refuse(signing::RefusalCode::kBundleManifest, why));
}

std::string Fingerprints(std::span<const SshKey> keys) {
  std::vector<std::string> texts;
  for (const SshKey& key : keys) texts.push_back(key.Fingerprint());
  return absl::StrJoin(texts, ", ");
}

}  // namespace

absl::Status CheckBundleSignature(absl::string_view manifest,
                                  const std::optional<std::string>& armor,
                                  std::span<const SshKey> exporters) {
  if (!armor.has_value()) {
    return Bad(absl::StrCat("is not there, and ", Fingerprints(exporters),
                            " must have signed the bundle: whoever has the key "
                            "exports it with --sign"));
  }
  const auto signature = signing::ParseArmor(*armor, signing::ArmorForm::kFile);
  if (!signature.ok()) return Bad(signature.status().message());
  const auto signer = std::find_if(
      exporters.begin(), exporters.end(),
      [&](const SshKey& key) { return key.blob() == signature->public_key; });
  if (signer == exporters.end()) {
    const auto other = SshKey::Parse(signature->public_key);
    return Bad(absl::StrCat("is by ",
                            other.ok() ? other->Fingerprint() : "a bad key",
                            ", and not by ", Fingerprints(exporters)));
  }
  const absl::Status verified = signing::VerifySshSignature(
      *signer, kBundleNamespace, *signature, manifest);
  if (verified.ok()) return verified;
  return Bad(absl::StrCat(verified.message(), " (of ", kBundleManifest, ")"));
}

}  // namespace orrery::catalog
