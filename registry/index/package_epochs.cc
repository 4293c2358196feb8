#include "registry/index/package_epochs.h"

namespace orrery::registry {

uint64_t PackageEpochs::Of(absl::string_view package) const {
  const MutexLock lock(&mutex_);
  if (package.empty()) return last_;
  const auto found = of_.find(package);
  return found == of_.end() ? of_others_ : found->second;
}

void PackageEpochs::Advance(const std::set<std::string>& packages) {
  const MutexLock lock(&mutex_);
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
  const MutexLock lock(&mutex_);
  of_.clear();
  of_others_ = ++last_;
}

}  // namespace orrery::registry
