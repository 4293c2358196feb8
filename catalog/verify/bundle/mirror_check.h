#ifndef CATALOG_VERIFY_BUNDLE_MIRROR_CHECK_H_
#define CATALOG_VERIFY_BUNDLE_MIRROR_CHECK_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "catalog/verify/bundle/mirror_tree.h"
#include "catalog/verify/trust_setup.h"
#include "catalog/verify/verified_release.h"
#include "catalog/verify/verifier.h"
#include "signing/digest.h"

namespace orrery::catalog {

// A mirror on this machine that passed the checks of trust.md §14 up to step
// 15, by the policy of whoever asks; but for its releases, each for itself.
struct CheckedMirror {
  // Of the policy.
  std::string registry;
  // Valid as long as the setup that was given.
  MirrorTree* tree = nullptr;
  std::unique_ptr<Verifier> verifier;
  // What it carries, without the files' bytes.
  std::vector<VerifiedRelease> releases;
  // Of what it carries and the policy, or the log, does not admit.
  std::vector<absl::Status> refused;
  // Bytes for orreryd to keep, which files of the releases name.
  std::vector<signing::Digest> artifacts;
  // Names that the policy routes elsewhere: they are not looked for here.
  std::vector<std::string> unrouted;
};

// Makes `tree` the one place of the registry in `setup` whose log it has, and
// verifies it without a network, with what was seen of that log before. A
// bundle that leaves the beginning of its log out goes on from `base`, or from
// what the client has seen: either must have as many leaves. `base`, a
// directory that is to be filled, may be null. Refusals: those of steps 3 to 8,
// bundle.stale, bundle.gap, bundle.manifest.
absl::StatusOr<CheckedMirror> CheckMirror(TrustSetup& setup,
                                          std::unique_ptr<MirrorTree> tree,
                                          std::unique_ptr<FileTree> base,
                                          VerifierOptions options);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_BUNDLE_MIRROR_CHECK_H_
