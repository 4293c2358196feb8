#include "catalog/moved_port.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orrery::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

StoredServicePtr Service(const std::string& name, const std::string& provider,
                         const std::string& computed) {
  StoredService service;
  service.record.name = name;
  service.record.cluster = "local";
  service.record.computed = computed;
  service.record.bindings = {{"/broker/url", provider, "broker"}};
  return std::make_shared<const StoredService>(service);
}

ServiceRecord Kafka() {
  ServiceRecord record;
  record.name = record.package = "kafka";
  record.cluster = "local";
  return record;
}

TEST(MovedPortTextsTest, NamesThoseThatWereGivenTheOldPort) {
  const std::vector<StoredServicePtr> services = {
      Service("old", "kafka", R"({"broker":{"url":"127.0.0.1:31000"}})"),
      Service("new", "kafka", R"({"broker":{"url":"127.0.0.1:31001"}})"),
      Service("longer", "kafka", R"({"broker":{"url":"127.0.0.1:310000"}})"),
      Service("other", "zookeeper", R"({"zk":"127.0.0.1:31000"})")};
  EXPECT_THAT(
      MovedPortTexts(Kafka(), {{"broker", "127.0.0.1", 31001, {31000}}},
                     services),
      ElementsAre("broker had to move from port 31000 to 31001, and these "
                  "services still have the old one: old"));
}

TEST(MovedPortTextsTest, PortThatNobodyWasGivenIsNoMatter) {
  EXPECT_THAT(
      MovedPortTexts(Kafka(), {{"broker", "127.0.0.1", 31001, {31000}}},
                     {Service("new", "kafka", R"({"broker":{"port":31001}})")}),
      IsEmpty());
}

}  // namespace
}  // namespace orrery::catalog
