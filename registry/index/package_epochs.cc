#include "registry/index/package_epochs.h"

namespace orrery::registry {

uint64_t PackageEpochs::Of(absl::string_view package) const {
  if (package.empty()) return last_;
  const auto found = of_.find(package);
  return found == of_.end() ? of_others_ : found->second;
}

void PackageEpochs::Advance(const std::set<std::string>& packages) {
  ++last_;
  for (const std::string& package : packages) {
    of_[package] = last_;
    if (of_.size() <= kMaxPackages) continue;
    of_.clear();
    of_others_ = last_;
    return;
  }
}

void PackageEpochs::AdvanceAll() {
  of_.clear();
  of_others_ = ++last_;
}

}  // namespace orrery::registry
