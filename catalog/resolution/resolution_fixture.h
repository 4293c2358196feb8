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

#include "catalog/catalog_store.h"
#include "catalog/clusters.h"
#include "catalog/operation.h"
#include "catalog/resolution/package_resolver.h"
#include "catalog/resolution/release_admission.h"
#include "catalog/resolution/request_item.h"
#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolve_query.h"
#include "catalog/service_record.h"
#include "registry/sqlite_state_store.h"
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
    state_ = *registry::SqliteStateStore::Open(":memory:");
    store_ = std::make_unique<CatalogStore>(state_.get());
    for (const ServiceRecord& record : running_) {
      Operation operation;
      operation.name = record.name;
      EXPECT_TRUE(store_->Put(operation, record, 0).ok());
    }
    resolver_ = std::make_unique<PackageResolver>(
        store_.get(), &clusters_, [snapshot] { return snapshot; },
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
  ServiceRecord& Running(const std::string& package, int64_t release,
                         const std::string& version,
                         const std::string& name = "") {
    if (!query_.installed) {
      clusters_.Add("dc1", std::make_unique<tests::FakeOrchestrator>());
      query_.cluster = "dc1";
      query_.installed = true;
    }
    ServiceRecord& record = running_.emplace_back();
    record.package = package;
    record.name = name.empty() ? package : name;
    record.cluster = "dc1";
    record.release = release;
    record.version = version;
    record.source = "example";
    record.established = true;
    return record;
  }

  tests::SnapshotBuilder builder_;
  Clusters clusters_;
  ResolveQuery query_;
  std::deque<ServiceRecord> running_;
  // Null: everything may be chosen.
  ReleaseAdmissionPtr admission_;

 private:
  std::unique_ptr<registry::SqliteStateStore> state_;
  std::unique_ptr<CatalogStore> store_;
  std::unique_ptr<PackageResolver> resolver_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_RESOLUTION_FIXTURE_H_
