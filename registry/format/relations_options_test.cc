#include "registry/format/relations_options.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "registry/format/json_parse.h"
#include "registry/format/relations_document.h"

namespace orrery::registry {
namespace {

constexpr char kConfig[] = R"({
  "type": "object", "properties": {
    "kafka": {"type": "object", "properties": {
      "kafka_zookeeper_uri": {"type": "string"},
      "brokers": {"type": "integer"},
      "any": {}}},
    "env": {"type": "object"},
    "tags": {"type": "array"}}})";

std::vector<std::string> Faults(const std::string& relations,
                                const char* config = kConfig) {
  RelationsPlace place;
  place.package = "kafka";
  const ParsedRelations parsed = ParseRelations(relations, place);
  EXPECT_TRUE(parsed.faults.empty()) << parsed.faults.front().text;
  const auto json = ParseJson(config);
  std::vector<std::string> faults;
  for (const RelationsFault& fault :
       CheckRelationOptions(parsed.document, &json->root, "kafka 1200")) {
    faults.push_back(fault.code + " " + fault.pointer + " " + fault.text);
  }
  return faults;
}

using Texts = std::vector<std::string>;

TEST(RelationsOptionsTest, MissingOptionIsNamedWithTheNearestOne) {
  EXPECT_EQ(
      Faults(R"({"requires": [{"package": "zk",
         "bind": [{"output": "connect", "option": "/kafka/zookeeper_uri"}]}]})"),
      Texts({"relations.option /requires/0/bind/0/option kafka 1200 has no "
             "option /kafka/zookeeper_uri, did you mean "
             "/kafka/kafka_zookeeper_uri"}));
}

TEST(RelationsOptionsTest, ScalarsMustFitTheTypeOfTheirOption) {
  EXPECT_EQ(Faults(R"({"requires": [{"package": "zk", "set": {
         "/kafka/brokers": "three", "/kafka/kafka_zookeeper_uri": "a"}}]})"),
            Texts({"relations.type /requires/0/set/~1kafka~1brokers \"three\" "
                   "is string, /kafka/brokers wants integer"}));
  EXPECT_EQ(Faults(R"({"requires": [{"package": "zk", "set": {
         "/kafka/brokers": 3.0, "/kafka/any": null}}]})"),
            Texts());
}

TEST(RelationsOptionsTest, ArrayIsPartOfATextOnlyWithWhatJoinsIt) {
  EXPECT_EQ(Faults(R"({"outputs": {"out": {"type": "string", "value": [
         {"option": "/tags"}]}}})"),
            Texts({"relations.type /outputs/out/value/0/option /tags is array, "
                   "a part of a text wants \"join\" with it"}));
  EXPECT_EQ(Faults(R"({"outputs": {
         "out": {"type": "string", "value": [
             {"option": "/tags", "join": ","}, {"option": "/kafka/any"}]},
         "all": {"type": "list", "value": [{"option": "/tags"}]}}})"),
            Texts());
}

TEST(RelationsOptionsTest, RepetitionsAreCountedByANumber) {
  const auto repeat = [](const std::string& option) {
    return Faults(R"({"outputs": {"out": {"type": "string", "value": [
        {"repeat": {"count": ")" +
                  option + R"(", "value": ["x"]}}]}}})");
  };
  EXPECT_EQ(repeat("/tags"),
            Texts({"relations.type /outputs/out/value/0/repeat/count /tags is "
                   "array, a count of repetitions wants integer"}));
  EXPECT_EQ(repeat("/kafka/brokers"), Texts());
}

TEST(RelationsOptionsTest, SecretOptionIsTheOnlyPart) {
  constexpr char kSecrets[] = R"({"properties": {
    "user": {"type": "string"}, "db_password": {"type": "string"},
    "pin": {"type": "string", "format": "password"},
    "key": {"writeOnly": true},
    "token": {"type": "string",
              "media": {"type": "application/x-secret+string"}},
    "secret": {"type": "boolean"}}})";
  const auto url = [&](const std::string& option) {
    return Faults(R"({"outputs": {"url": {"type": "string", "value": [
        "db://", {"option": ")" +
                      option + R"("}]}}})",
                  kSecrets);
  };
  for (const char* option : {"/db_password", "/pin", "/key"}) {
    EXPECT_EQ(url(option),
              Texts({std::string("relations.output /outputs/url/value/1/option "
                                 "") +
                     option + " is secret and must be the only part"}));
  }
  for (const char* option : {"/user", "/token", "/secret"}) {
    EXPECT_EQ(url(option), Texts()) << option;
  }
  EXPECT_EQ(Faults(R"({"outputs": {"pw": {"type": "string", "value": [
                       {"option": "/db_password"}]}}})",
                   kSecrets),
            Texts());
  EXPECT_EQ(Faults(R"({"outputs": {"pw": {"type": "string", "value": [
                       {"repeat": {"count": "/user", "value": [
                           {"option": "/pin"}]}}]}}})",
                   R"({"properties": {"user": {},
                       "pin": {"type": "string", "format": "password"}}})")
                .size(),
            1u);
}

TEST(RelationsOptionsTest, FreeObjectTakesAnyMember) {
  EXPECT_EQ(Faults(R"({"features": {"fast": {"options": {"/env/X": 1}}}})"),
            Texts());
}

TEST(RelationsOptionsTest, OutputOfAnOptionThatIsNotThereIsNoOutput) {
  EXPECT_EQ(Faults(R"({"outputs": {"port": {"type": "integer",
         "value": [{"option": "/kafka/port"}]}}})"),
            Texts({"relations.output /outputs/port/value/0/option no option "
                   "\"/kafka/port\""}));
}

TEST(RelationsOptionsTest, ReleaseWithoutConfigHasNoOptions) {
  EXPECT_EQ(Faults(R"({"claims": [{"kind": "vip", "option": "/a"}]})", "{}"),
            Texts());
  EXPECT_EQ(Faults(R"({"claims": [{"kind": "vip", "option": "/a"}]})",
                   R"({"properties": {}})")
                .size(),
            1u);
}

TEST(RelationsOptionsTest, OutputsFitTheOptionTypesOfTheTable) {
  const auto config = ParseJson(kConfig);
  const struct {
    const char* option;
    OutputType type;
    bool joined;
    bool takes;
  } kRows[] = {
      {"/kafka/kafka_zookeeper_uri", OutputType::kString, false, true},
      {"/kafka/kafka_zookeeper_uri", OutputType::kInteger, false, true},
      {"/kafka/kafka_zookeeper_uri", OutputType::kBoolean, false, true},
      {"/kafka/kafka_zookeeper_uri", OutputType::kList, true, true},
      {"/kafka/kafka_zookeeper_uri", OutputType::kList, false, false},
      {"/kafka/brokers", OutputType::kInteger, false, true},
      {"/kafka/brokers", OutputType::kNumber, false, false},
      {"/kafka/brokers", OutputType::kString, false, false},
      {"/kafka/any", OutputType::kBoolean, false, true},
      {"/tags", OutputType::kList, false, true},
      {"/tags", OutputType::kString, false, false},
      {"/nowhere", OutputType::kString, false, false},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(
        OptionTakesOutput(&config->root, row.option, row.type, row.joined),
        row.takes)
        << row.option << " " << OutputTypeName(row.type);
  }
}

}  // namespace
}  // namespace orrery::registry
