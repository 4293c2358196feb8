#include "signing/client/maintainer_chain.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "signing/policy/require_options.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

absl::Status CheckStatement(const Digest& first, const Digest& wanted,
                            absl::string_view by) {
  if (first == wanted) return absl::OkStatus();
  return Refuse(RefusalCode::kRecordKeyset,
                absl::StrCat("the first keyset is sha256:", first.Hex(),
                             ", but ", by, " names sha256:", wanted.Hex()));
}

absl::Status Unbound(absl::string_view why) {
  return Refuse(RefusalCode::kNameUnbound,
                absl::StrCat("nothing that is believed here says that these "
                             "are its maintainers: ",
                             why));
}

}  // namespace

absl::StatusOr<MaintainerChain> MaintainerChain::Judge(
    absl::string_view name, const PackageState& package,
    const ClientPolicy& policy, const Names& names) {
  MaintainerChain chain(package, policy, names);
  if (package.maintainers.empty()) return chain;
  ORRERY_RETURN_IF_ERROR(chain.Anchor(name));
  ORRERY_RETURN_IF_ERROR(chain.JudgeAll());
  return chain;
}

// A pin outranks `bind`; where neither is, the policy may be content with
// nothing. Claims are not supported: who demands one has no anchor.
absl::Status MaintainerChain::Anchor(absl::string_view name) {
  const Digest& first = package_->maintainers.front().statement;
  const Demands demands = policy_->DemandsOn(name);
  const Digest* const binding = names_->FindBinding(name);
  absl::Status anchored;
  if (demands.keyset.value.has_value()) {
    anchored = CheckStatement(
        first, *demands.keyset.value,
        absl::StrCat("line ", demands.keyset.line, " of the policy"));
  } else if (binding != nullptr) {
    anchored = CheckStatement(first, *binding, "the names file");
  } else if (demands.names.value != NameAnchor::kOpen) {
    anchor_ = Unbound(absl::StrCat("the names file has no `bind ", name,
                                   "`, and the policy no `require ", name,
                                   " keyset sha256:", first.Hex(), "`"));
  }
  if (!anchored.ok() && IsExcused(0)) {
    anchor_ = Unbound("its first keyset is excused");
  } else if (!anchored.ok()) {
    return At({.leaf = package_->maintainers.front().leaf},
              std::move(anchored));
  }
  const bool must_be = demands.evidence.value == Evidence::kSshsig;
  if (anchor_.ok() || !must_be) return absl::OkStatus();
  return At({.leaf = package_->maintainers.front().leaf}, anchor_);
}

absl::Status MaintainerChain::JudgeAll() {
  for (size_t at = 0; at < package_->maintainers.size(); ++at) {
    ORRERY_RETURN_IF_ERROR(JudgeOrExcuse(at));
  }
  if (keysets_.empty() && anchor_.ok()) {
    anchor_ = Unbound("no keyset of it has effect");
  }
  if (!without_effect_.empty()) Drop();
  return absl::OkStatus();
}

absl::Status MaintainerChain::JudgeOrExcuse(size_t at) {
  const int64_t leaf = package_->maintainers[at].leaf;
  absl::Status status = JudgeRecord(at);
  if (status.ok()) return status;
  if (!IsExcused(at)) return At({.leaf = leaf}, std::move(status));
  without_effect_.insert(leaf);
  return absl::OkStatus();
}

absl::Status MaintainerChain::JudgeRecord(size_t at) {
  const RecordKind kind = package_->maintainers[at].kind;
  // Of the releases only the wanted one is verified, and those which are
  // excused for what they may lack.
  if (kind == RecordKind::kRelease && !IsExcused(at)) return absl::OkStatus();
  if (kind != RecordKind::kKeyset || at > 0) {
    if (KeysetAt(at) == nullptr) {
      return Refuse(RefusalCode::kRecordKeyset, "follows no keyset that holds");
    }
  }
  ORRERY_RETURN_IF_ERROR(Count(at, /*least=*/1).status);
  if (kind == RecordKind::kKeyset) {
    keysets_.emplace_back(at, package_->signed_records[at]->keyset());
  }
  return absl::OkStatus();
}

bool MaintainerChain::IsExcused(size_t at) const {
  return names_->IsExcused(package_->maintainers[at].leaf,
                           package_->signed_records[at]->leaf_hash());
}

const KeysetRecord* MaintainerChain::KeysetAt(size_t at) const {
  const auto behind = std::lower_bound(
      keysets_.begin(), keysets_.end(), at,
      [](const auto& keyset, size_t place) { return keyset.first < place; });
  return behind == keysets_.begin() ? nullptr : std::prev(behind)->second;
}

SignerCount MaintainerChain::Count(size_t at, int64_t least) const {
  return CountSigners(
      *package_->signed_records[at], KeysetAt(at),
      [this](const std::string& fingerprint) {
        return policy_->IsDeniedKey(fingerprint);
      },
      least);
}

SignerCount MaintainerChain::CheckRelease(int64_t leaf, int64_t least) const {
  const auto entry = std::lower_bound(
      package_->maintainers.begin(), package_->maintainers.end(), leaf,
      [](const ChainEntry& one, int64_t wanted) { return one.leaf < wanted; });
  return Count(static_cast<size_t>(entry - package_->maintainers.begin()),
               least);
}

void MaintainerChain::Drop() {
  effective_ = *package_;
  const auto has_none = [&](int64_t leaf) {
    return without_effect_.count(leaf) != 0;
  };
  std::erase_if(effective_->yanks,
                [&](const Yank& yank) { return has_none(yank.leaf); });
  for (auto& [key, release] : effective_->releases) {
    for (RevisionEntry& revision : release.revisions) {
      const bool is_observed = revision.observed.has_value();
      if (is_observed && revision.released && has_none(*revision.released)) {
        revision.released.reset();
      }
    }
    // Another revision may rest on what is not the last: that one stays, and
    // is refused for its signatures.
    while (!release.revisions.empty() && release.revisions.back().released &&
           has_none(*release.revisions.back().released)) {
      release.revisions.pop_back();
    }
  }
  std::erase_if(effective_->releases, [](const auto& release) {
    return release.second.revisions.empty();
  });
}

}  // namespace orrery::signing
