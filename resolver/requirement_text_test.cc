#include "resolver/requirement_text.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::resolver {
namespace {

WrittenTarget Target(TargetKind kind, const std::string& name,
                     const char* range = "*") {
  return {kind, name, *VersionRange::Parse(range)};
}

WrittenAlternative Package(const std::string& name, const char* range = "*") {
  WrittenAlternative alternative;
  alternative.target = Target(TargetKind::kPackage, name, range);
  return alternative;
}

WrittenRequirement AnyOf(std::vector<WrittenAlternative> alternatives) {
  WrittenRequirement requirement;
  requirement.any_of = std::move(alternatives);
  return requirement;
}

TEST(RequirementTextTest, AlternativesStandInTheirOrder) {
  EXPECT_EQ(RequirementText(AnyOf({Package("kafka-zookeeper", ">=2.6")})),
            "kafka-zookeeper >=2.6");
  EXPECT_EQ(RequirementText(
                AnyOf({Package("postgresql"), Package("cassandra", ">=2.0")})),
            "postgresql | cassandra >=2.0");
}

TEST(RequirementTextTest, ConditionsFollow) {
  WrittenAlternative fact;
  fact.target = Target(TargetKind::kFact, "@feature:dcos-zookeeper");
  WrittenRequirement kafka = AnyOf({Package("kafka-zookeeper", ">=2.1"), fact});
  kafka.when = {OptionCondition{"/kafka/kafka_zookeeper_uri",
                                OptionCondition::Test::kUnset, ""}};
  EXPECT_EQ(RequirementText(kafka),
            "kafka-zookeeper >=2.1 | @feature:dcos-zookeeper if "
            "option:/kafka/kafka_zookeeper_uri unset");
  WrittenRequirement kong = AnyOf({Package("kong-exporter")});
  kong.when = {Target(TargetKind::kPackage, "prometheus", ">=1.0")};
  EXPECT_EQ(RequirementText(kong), "kong-exporter if prometheus >=1.0");
}

TEST(RequirementTextTest, MarksStandBeforeTheRange) {
  WrittenAlternative own = Package("redis", ">=5");
  own.own = true;
  own.features = {"tls", "cluster"};
  WrittenAlternative capability;
  capability.target = Target(TargetKind::kCapability, "sql", "^2");
  EXPECT_EQ(RequirementText(AnyOf({own, capability})),
            "redis@own[tls,cluster] >=5 | cap:sql ^2");
}

TEST(RequirementTextTest, AFeatureIsTheLastCondition) {
  WrittenRequirement kdc = AnyOf({Package("kdc")});
  kdc.when = {OptionCondition{"/a", OptionCondition::Test::kEquals, "true"}};
  EXPECT_EQ(RequirementText(kdc, "kerberos"),
            "kdc if option:/a = true & feature:kerberos");
}

TEST(RequirementTextTest, WhatIsNotPrintableAsciiIsEscaped) {
  WrittenRequirement odd = AnyOf({Package("a")});
  odd.when = {OptionCondition{"/a b/100%/\xc3\xa9",
                              OptionCondition::Test::kNotEquals,
                              "\"x y\xc3\xa9\xf0\x9f\x98\x80\""}};
  EXPECT_EQ(RequirementText(odd),
            "a if option:/a%20b/100%25/%C3%A9 != "
            "\"x\\u0020y\\u00e9\\ud83d\\ude00\"");
}

}  // namespace
}  // namespace orrery::resolver
