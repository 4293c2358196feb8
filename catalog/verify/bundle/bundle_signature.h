// Who made a bundle (spec: trust.md §18): whoever imports it may ask for the
// signature of an exporter whom he knows, beside all that his policy demands.

#ifndef CATALOG_VERIFY_BUNDLE_BUNDLE_SIGNATURE_H_
#define CATALOG_VERIFY_BUNDLE_BUNDLE_SIGNATURE_H_

#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "signing/ssh/ssh_key.h"

namespace orrery::catalog {

inline constexpr char kBundleNamespace[] = "bundle@orrery";

// The refusal bundle.manifest unless `armor`, an SSH signature as ssh-keygen
// writes it, is one of the manifest's bytes by one of `exporters`.
absl::Status CheckBundleSignature(absl::string_view manifest,
                                  const std::optional<std::string>& armor,
                                  std::span<const signing::SshKey> exporters);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_BUNDLE_BUNDLE_SIGNATURE_H_
