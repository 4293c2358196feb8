#include "catalog/resolution/cluster_facts.h"

#include "absl/strings/str_cat.h"

namespace orrery::catalog {

std::span<const absl::string_view> KnownFacts() {
  static constexpr absl::string_view kFacts[] = {
      "@kind",
      "@orchestrator",
      "@dcos",
      "@edition",
      "@security",
      "@java",
      "@feature:containers",
      "@feature:jobs",
      "@feature:volumes",
      "@feature:external-volumes",
      "@feature:secrets",
      "@feature:gpu",
      "@feature:stable-address",
      "@feature:fixed-ports",
      "@feature:virtual-networks",
      "@feature:public-nodes",
      "@feature:dcos-zookeeper",
  };
  return kFacts;
}

std::map<std::string, std::string> ClusterFacts(absl::string_view kind) {
  std::map<std::string, std::string> facts = {{"@kind", std::string(kind)}};
  if (kind != "local") return facts;
  // orchestrators.md §2; ports are where the host has them.
  for (const absl::string_view feature : {"fixed-ports", "jobs", "volumes"}) {
    facts.emplace(absl::StrCat("@feature:", feature), std::string(1, '1'));
  }
  return facts;
}

}  // namespace orrery::catalog
