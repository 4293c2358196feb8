#include "catalog/upgrade_offer.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

JsonValue Json(const std::string& text) {
  return std::move(registry::ParseJson(text)->root);
}

// Refuses the release 2, each change of the size, and two colours at once.
class Cluster {
 public:
  absl::StatusOr<Plan> Try(const std::string& range, const JsonValue& options) {
    const std::string text = registry::WriteJson(options);
    attempts.push_back(range + " " + text);
    const bool too_much =
        options.Find("front") != nullptr && options.Find("back") != nullptr;
    if (range == "=2" || too_much || text.find("size") != std::string::npos) {
      return absl::FailedPreconditionError("may not change");
    }
    Plan plan;
    if (!options.members().empty()) plan.steps.emplace_back();
    return plan;
  }

  std::optional<UpgradeOffer> Find(const std::string& range,
                                   const std::string& given) {
    return FindOffer(range, Json(given),
                     [this](const std::string& wanted, const JsonValue& part) {
                       return Try(wanted, part);
                     });
  }

  std::vector<std::string> attempts;
};

TEST(UpgradeOfferTest, WhatIsRefusedStaysAsItRuns) {
  Cluster cluster;
  const auto offer =
      cluster.Find("", R"({"disk": {"size": 2, "kind": "ssd"}, "text": null})");
  ASSERT_TRUE(offer.has_value());
  EXPECT_EQ(registry::WriteJson(offer->options),
            R"({"disk":{"kind":"ssd"},"text":null})");
  EXPECT_EQ(offer->plan.steps.size(), 1u);
  EXPECT_THAT(cluster.attempts,
              ElementsAre(" {}", R"( {"disk":{"size":2}})",
                          R"( {"disk":{"kind":"ssd"}})",
                          R"( {"disk":{"kind":"ssd"},"text":null})"));
}

TEST(UpgradeOfferTest, WhatGoesThroughGoesThroughTogether) {
  Cluster cluster;
  const auto offer = cluster.Find("", R"({"front": 1, "back": 2, "a": 3})");
  ASSERT_TRUE(offer.has_value());
  EXPECT_EQ(registry::WriteJson(offer->options), R"({"front":1,"a":3})");
}

TEST(UpgradeOfferTest, OneThatIsRefusedLeavesNothing) {
  Cluster cluster;
  const auto offer = cluster.Find("", R"({"size": 2})");
  ASSERT_TRUE(offer.has_value());
  EXPECT_THAT(offer->plan.steps, IsEmpty());
}

TEST(UpgradeOfferTest, ReleaseThatIsRefusedByItselfHasNoOffer) {
  Cluster cluster;
  EXPECT_FALSE(cluster.Find("=2", R"({"text": "x"})").has_value());
  EXPECT_THAT(cluster.attempts, ElementsAre("=2 {}"));
}

TEST(UpgradeOfferTest, HundredsOfOptionsAreNotTried) {
  Cluster cluster;
  JsonValue many = JsonValue::Object();
  for (int i = 0; i < 33; ++i) {
    many.Set("o" + std::to_string(i), JsonValue::Bool(true));
  }
  EXPECT_FALSE(cluster.Find("", registry::WriteJson(many)).has_value());
  EXPECT_THAT(cluster.attempts, IsEmpty());
}

TEST(UpgradeOfferTest, CommandIsWhatOneTypes) {
  const JsonValue config = Json(R"({"properties": {
      "pin": {"type": "string", "format": "password"}}})");
  UpgradeOffer offer;
  offer.options =
      Json(R"({"service": {"mem": 512, "name": "it's"}, "text": null,
               "list": [1, 2], "password": "abc", "pin": "12", "tree": [{"a": 1}]})");
  EXPECT_EQ(OfferCommand(offer, "local", "db", &config),
            "orrery upgrade db --set service.mem=512 "
            "--set 'service.name=it'\\''s' --unset text --set 'list=[1,2]' "
            "--set password=VALUE --set pin=VALUE --set tree=VALUE");
  offer.range = "release=3";
  offer.options = Json(R"({"text": "abc"})");
  EXPECT_EQ(OfferCommand(offer, "dc1", "db", &config),
            "orrery upgrade 'db@release=3' --cluster dc1 --set text=abc");
  EXPECT_EQ(OfferCommand(offer, "local", "db", nullptr),
            "orrery upgrade 'db@release=3' --set text=VALUE");
}

}  // namespace
}  // namespace orrery::catalog
