#include "catalog/resolution/solve_basis.h"

#include "gtest/gtest.h"

#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

SolveBasis Basis() {
  SolveBasis basis;
  basis.facts.emplace();
  (*basis.facts)["@kind"] = "local";
  basis.nodes = "[]\n";
  RunningService& service = basis.services.emplace_back();
  service.name = "eu";
  service.package = "kafka";
  service.release = 57;
  service.version = "1.0";
  service.revision = 2;
  service.tree = "h1:x";
  service.source = "u";
  service.options = R"({"a":1.50})";
  service.features = {"tls"};
  service.bindings = {{"/zk", "zk@eu-zk", "address"}};
  service.added_for = {"app"};
  service.package_json = "{}";
  service.relations = R"({"requires":[]})";
  service.earlier = {{56, "0.9", "h1:y", "u", R"({"a":1})", {"tls"}}};
  service.operation = "op";
  return basis;
}

TEST(SolveBasisTest, WhatIsWrittenIsReadBack) {
  const auto text = registry::WriteJson(SolveBasisToJson(Basis()));
  const auto read = SolveBasisFromJson(registry::ParseJson(text)->root);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->facts, Basis().facts);
  EXPECT_EQ(read->nodes, "[]\n");
  EXPECT_EQ(registry::WriteJson(SolveBasisToJson(*read)), text);
  const RunningService& service = read->services.at(0);
  EXPECT_EQ(service.bindings.at(0).provider, "zk@eu-zk");
  EXPECT_EQ(service.options, R"({"a":1.50})");
  EXPECT_EQ(service.operation, "op");
  EXPECT_EQ(service.earlier, Basis().services[0].earlier);
}

TEST(SolveBasisTest, NoClusterIsOtherThanOneWithoutFacts) {
  SolveBasis basis = Basis();
  basis.facts.reset();
  EXPECT_FALSE(SolveBasisFromJson(SolveBasisToJson(basis))->facts.has_value());
  basis.facts.emplace();
  EXPECT_TRUE(SolveBasisFromJson(SolveBasisToJson(basis))->facts.has_value());
}

TEST(SolveBasisTest, RefusesWhatIsNone) {
  for (const char* text :
       {"null", "{}", R"({"services":[]})", R"({"services":{},"nodes":"[]"})",
        R"({"services":[{"name":"x"}],"nodes":"[]"})"}) {
    EXPECT_THAT(SolveBasisFromJson(registry::ParseJson(text)->root),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

}  // namespace
}  // namespace orrery::catalog
