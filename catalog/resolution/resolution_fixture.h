#ifndef CATALOG_RESOLUTION_RESOLUTION_FIXTURE_H_
#define CATALOG_RESOLUTION_RESOLUTION_FIXTURE_H_

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

#include "catalog/orchestrator/clusters.h"
#include "catalog/resolution/package_resolver.h"
#include "catalog/resolution/release_admission.h"
#include "catalog/resolution/request_item.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolve_query.h"
#include "catalog/resolution/running_service.h"
#include "tests/testing/fake_orchestrator.h"
#include "tests/testing/snapshot_builder.h"

namespace orrery::catalog {

using Files = std::map<std::string, std::string>;

// A release with an option `uri`, and what stands in its relations.json.
inline Files Release(const std::string& name, const std::string& relations = "",
                     const std::string& package_members = "") {
  Files files = {
      {"package.json",
       absl::StrCat(R"({"packagingVersion":"5.0","name":")", name,
                    R"(","version":"1","maintainer":"m","description":"d",
                       "tags":[])",
                    package_members, "}")},
      {"config.json", R"({"type":"object","properties":{
           "uri":{"type":"string"}, "count":{"type":"integer","default":3},
           "pg":{"type":"boolean"}, "outside":{"type":"boolean",
           "default":false}}})"}};
  if (!relations.empty()) files["relations.json"] = relations;
  return files;
}

class ResolutionTest : public ::testing::Test {
 protected:
  Resolution Resolve(const std::vector<std::string>& items) {
    query_.items.clear();
    for (const std::string& item : items) {
      query_.items.push_back(*ParseRequestItem(item));
    }
    auto resolution = Resolver().Resolve(query_);
    EXPECT_TRUE(resolution.ok()) << resolution.status();
    return resolution.ok() ? *std::move(resolution) : Resolution();
  }

  // Over what was added so far; until the next call.
  PackageResolver& Resolver() {
    const registry::SnapshotPtr snapshot = builder_.Build();
    const std::vector<RunningService> running(running_.begin(), running_.end());
    resolver_ = std::make_unique<PackageResolver>(
        [running](absl::string_view) { return running; }, &clusters_,
        [snapshot] { return snapshot; },
        [admission = admission_] { return admission; });
    return *resolver_;
  }

  // `kafka 2 <- request:0`, in order.
  static std::vector<std::string> Nodes(const Resolution& resolution) {
    std::vector<std::string> lines;
    for (const ResolvedNode& node : resolution.nodes) {
      if (node.release == nullptr) {
        lines.push_back(absl::StrCat(node.node, " goes"));
        continue;
      }
      lines.push_back(absl::StrCat(node.node, " ", node.release->version,
                                   " <- ", absl::StrJoin(node.why, ",")));
    }
    return lines;
  }

  // A service of cluster dc1, which is looked at from now on.
  RunningService& Running(const std::string& package, int64_t release,
                          const std::string& version,
                          const std::string& name = "") {
    if (!query_.installed) {
      clusters_.Add("dc1", std::make_unique<tests::FakeOrchestrator>());
      query_.cluster = "dc1";
      query_.installed = true;
    }
    RunningService& record = running_.emplace_back();
    record.package = package;
    record.name = name.empty() ? package : name;
    record.release = release;
    record.version = version;
    record.source = "example";
    return record;
  }

  tests::SnapshotBuilder builder_;
  Clusters clusters_;
  ResolveQuery query_;
  std::deque<RunningService> running_;
  // Null: everything may be chosen.
  ReleaseAdmissionPtr admission_;

 private:
  std::unique_ptr<PackageResolver> resolver_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_RESOLUTION_FIXTURE_H_
