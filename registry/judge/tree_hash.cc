#include "registry/judge/tree_hash.h"

#include <vector>

#include "signing/tree_hash.h"

namespace orrery::registry {

std::string TreeHash(const Release& release) {
  std::vector<signing::TreeHash::File> files;
  for (const ReleaseContent& file : release.files) {
    if (file.digest.has_value()) files.push_back({file.name, *file.digest});
  }
  return signing::TreeHash::Of(release.name, release.release, files).Text();
}

}  // namespace orrery::registry
