#include "catalog/service_outputs.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ServiceRecord Kafka(const std::string& outputs) {
  ServiceRecord record;
  record.name = record.package = "kafka";
  record.version = "4.4.0";
  record.package_json =
      R"({"packagingVersion":"4.0","name":"kafka","version":"4.4.0",
          "maintainer":"m@example.org","description":"d","tags":[]})";
  record.relations = R"({"outputs":)" + outputs + "}";
  return record;
}

TEST(ServiceOutputsTest, PlacesOfPortsAreFilledIn) {
  EXPECT_THAT(
      ServiceOutputs(
          Kafka(
              R"({"url":{"type":"string","value":["k://",{"endpoints":"broker","join":","}]}})"),
          "local",
          {{"broker", "127.0.0.1", 31000}, {"broker", "127.0.0.1", 31002}},
          nullptr),
      ElementsAre(ServiceOutput{"url", "k://127.0.0.1:31000,127.0.0.1:31002"}));
}

TEST(ServiceOutputsTest, OneWhosePortIsNotThereIsLeftOut) {
  EXPECT_THAT(
      ServiceOutputs(
          Kafka(
              R"({"url":{"type":"string","value":[{"endpoints":"broker","join":","}]}})"),
          "local", {}, nullptr),
      IsEmpty());
}

TEST(ServiceOutputsTest, OptionsOfTheUserCountBeforeComputedOnes) {
  ServiceRecord record =
      Kafka(R"({"count":{"type":"integer","value":[{"option":"/count"}]},)"
            R"("other":{"type":"integer","value":[{"option":"/other"}]}})");
  record.computed = R"({"count":1})";
  record.options = R"({"count":2})";
  EXPECT_THAT(ServiceOutputs(record, "local", {}, nullptr),
              ElementsAre(ServiceOutput{"count", "2"}));
}

TEST(ServiceOutputsTest, TheValueOfASecretIsNotTold) {
  ServiceRecord record =
      Kafka(R"({"key":{"type":"string","value":[{"option":"/sasl/password"}]},)"
            R"("passed":{"type":"string","value":[{"option":"/peer"}]},)"
            R"("user":{"type":"string","value":[{"option":"/sasl/user"}]}})");
  record.computed = R"({"peer":"open sesame"})";
  record.options = R"({"sasl":{"password":"hunter2","user":"me"}})";
  EXPECT_THAT(ServiceOutputs(record, "local", {}, nullptr),
              ElementsAre(ServiceOutput{"key", "(secret)"},
                          ServiceOutput{"passed", "open sesame"},
                          ServiceOutput{"user", "me"}));
  record.secrets = {"/peer"};
  EXPECT_EQ(ServiceOutputs(record, "local", {}, nullptr)[1].value, "(secret)");
}

TEST(ServiceOutputsTest, AServiceWithoutRelationsHasNone) {
  ServiceRecord record;
  EXPECT_THAT(ServiceOutputs(record, "local", {}, nullptr), IsEmpty());
}

}  // namespace
}  // namespace orrery::catalog
