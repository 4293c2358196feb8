#include "registry/format/relations_ports.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

using Texts = std::vector<std::string>;

constexpr char kRelations[] = R"({"outputs": {
    "address": {"type": "string", "value": [{"address": "http"}]},
    "all": {"type": "list", "value": [{"endpoints": "admin"}]}}})";

Texts Faults(const std::string& templates) {
  RelationsPlace place;
  place.package = "web";
  const ParsedRelations parsed = ParseRelations(kRelations, place);
  EXPECT_TRUE(parsed.faults.empty());
  Texts texts;
  for (const RelationsFault& fault :
       CheckRelationPorts(parsed.document, templates)) {
    texts.push_back(fault.code + " " + fault.pointer + " " + fault.text);
  }
  return texts;
}

TEST(RelationsPortsTest, PortThatNoTemplateNamesIsNoPort) {
  EXPECT_EQ(Faults(R"({"portDefinitions": [{"name": "http"}]})"),
            Texts({"relations.output /outputs/all/value/0/endpoints no port "
                   "\"admin\""}));
  EXPECT_EQ(Faults("{}").size(), 2u);
  EXPECT_EQ(Faults(""), Texts());
  EXPECT_EQ(Faults(R"([{"name": "http"}, {"port": 0, "name" : "admin"}])"),
            Texts());
}

TEST(RelationsPortsTest, NameThatAnOptionGivesMayBeAny) {
  EXPECT_EQ(Faults(R"([{"name": "http"}, {"name": "{{ports.admin}}"}])"),
            Texts());
  EXPECT_EQ(Faults(R"([{"name": "http"}, {"name":{{{ports.admin}}} }])"),
            Texts());
  EXPECT_EQ(Faults(R"([{"name": "http"}, {"port": {{ports.admin}} }])").size(),
            1u);
}

}  // namespace
}  // namespace orrery::registry
