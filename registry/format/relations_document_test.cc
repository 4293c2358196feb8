#include "registry/format/relations_document.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace orrery::registry {
namespace {

RelationsPlace Place(bool in_overlay = false) {
  RelationsPlace place;
  place.package = "kafka";
  place.release = 1200;
  place.in_overlay = in_overlay;
  place.version = *resolver::Version::Parse("2.10.0-2.4.0");
  return place;
}

std::string Faults(const std::string& text, bool in_overlay = false) {
  const ParsedRelations parsed = ParseRelations(text, Place(in_overlay));
  return absl::StrJoin(
      parsed.faults, "\n", [](std::string* out, const RelationsFault& fault) {
        absl::StrAppend(out, fault.code, " ", fault.pointer, ": ", fault.text);
      });
}

// `item` `count` times, with commas between.
std::string Times(size_t count, const std::string& item) {
  return absl::StrJoin(std::vector<std::string>(count, item), ",");
}

std::string Numbered(size_t count, const std::string& before,
                     const std::string& after) {
  std::vector<std::string> items;
  for (size_t i = 0; i < count; ++i) {
    items.push_back(absl::StrCat(before, i, after));
  }
  return absl::StrJoin(items, ",");
}

TEST(RelationsDocumentTest, FilesOfTheSpecificationAreRead) {
  const struct {
    const char* file;
    const char* texts;
  } kRows[] = {
      {"{}", ""},
      {R"({"schema": 1})", ""},
      {R"({"releases": "release>=100", "requires": [
         {"anyOf": [{"package": "kafka-zookeeper", "versions": ">=2.1",
            "bind": [{"output": "connect",
                      "option": "/kafka/kafka_zookeeper_uri"}]},
          {"fact": "@feature:dcos-zookeeper"}],
          "when": [{"option": "/kafka/kafka_zookeeper_uri", "set": false}],
          "note": "a ZooKeeper of its own is better"}],
        "provides": [{"capability": "kafka-brokers", "outputs": ["bootstrap"]}],
        "outputs": {"bootstrap": {"type": "string", "value": ["broker.",
          {"service": "dns"}, ".l4lb.thisdcos.directory:9092"]}},
        "claims": [{"kind": "framework", "option": "/service/name"}]})",
       "kafka-zookeeper >=2.1 | @feature:dcos-zookeeper if "
       "option:/kafka/kafka_zookeeper_uri unset"},
      {R"({"requires": [{"anyOf": [
         {"package": "postgresql", "set": {"/db/pg": true, "/db/c": false}},
         {"package": "cassandra", "versions": ">=2.0",
          "bind": [{"output": "nodes", "option": "/c", "join": ","}]}]},
        {"package": "marathon-lb", "features": ["no-haproxy-map"],
         "when": [{"option": "/x", "equals": true},
                  {"option": "/y", "notEquals": "a b"}]},
        {"package": "exporter", "own": true,
         "when": [{"package": "prometheus", "versions": ">=1.0"},
                  {"capability": "kdc"}, {"fact": "@dcos",
                   "versions": ">=1.11"}]}]})",
       "exporter@own if prometheus >=1.0 & cap:kdc & @dcos >=1.11\n"
       "marathon-lb[no-haproxy-map] if option:/x = true & option:/y != "
       "\"a\\u0020b\"\n"
       "postgresql | cassandra >=2.0"},
      {R"({"features": {"kerberos": {"options": {"/k": true},
           "requires": [{"capability": "kdc"}], "description": "d"}},
          "platform": {"@edition": "enterprise", "@label:rack": "*"},
          "singleton": true, "bounds": [{"package": "bb", "versions": "<2"}]})",
       "cap:kdc if feature:kerberos"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(Faults(row.file, /*in_overlay=*/true), "") << row.file;
    EXPECT_EQ(absl::StrJoin(
                  RequirementTexts(
                      ParseRelations(row.file, Place(true)).document.relations),
                  "\n"),
              row.texts);
  }
}

TEST(RelationsDocumentTest, EveryRefusalHasItsCodePointerAndWords) {
  const struct {
    std::string file;
    const char* fault;
  } kRows[] = {
      // relations.syntax
      {"[]", "relations.syntax : expected an object, found an array"},
      {R"({"a": 1})", R"(relations.syntax /a: unknown member "a")"},
      {R"({"requires": [{"package": "zk", "x": 1}]})",
       R"(relations.syntax /requires/0/x: unknown member "x")"},
      {R"({"schema": 1, "schema": 1})",
       R"(relations.syntax /schema: duplicate member "schema")"},
      {R"({"schema": 2})",
       R"(relations.syntax /schema: expected 1, found "2")"},
      {R"({"requires": {}})",
       "relations.syntax /requires: expected an array, found an object"},
      {R"({"singleton": "yes"})",
       "relations.syntax /singleton: expected a boolean, found a string"},
      {R"({"requires": [{"package": "zk", "note": "\ud800"}]})",
       "relations.syntax /requires/0/note: not JSON: an escaped surrogate "
       "without its partner"},
      {R"({"provides": [{}]})",
       R"(relations.syntax /provides/0: member "capability" is missing)"},
      {R"({"outputs": {"out": {"type": "string", "value": [{"index": true}]}}})",
       "relations.syntax /outputs/out/value/0: expected a text, option, "
       "service, address, endpoints or repeat"},
      {R"({"outputs": {"out": {"type": "string",
           "value": [{"endpoints": "a"}]}}})",
       R"(relations.syntax /outputs/out/value/0: member "join" is missing)"},
      // relations.limit
      {absl::StrCat(R"({"requires": [{"anyOf": [)",
                    Times(17, R"({"package": "zk"})"), "]}]}"),
       "relations.limit /requires/0/anyOf: 17 alternatives, at most 16"},
      {absl::StrCat(R"({"requires": [)", Times(65, R"({"package": "zk"})"),
                    "]}"),
       "relations.limit /requires: 65 requirements, at most 64"},
      {absl::StrCat(R"({"requires": [{"package": "zk", "when": [)",
                    Times(9, R"({"package": "zk"})"), "]}]}"),
       "relations.limit /requires/0/when: 9 conditions, at most 8"},
      {absl::StrCat(R"({"requires": [{"package": "zk", "features": [)",
                    Times(9, R"("fast")"), "]}]}"),
       "relations.limit /requires/0/features: 9 features, at most 8"},
      {absl::StrCat(R"({"requires": [{"package": "zk", "set": {)",
                    Numbered(17, "\"/a", "\": 1"), "}}]}"),
       "relations.limit /requires/0/set: 17 options, at most 16"},
      {absl::StrCat(R"({"requires": [{"package": "zk", "bind": [)",
                    Times(17, "{}"), "]}]}"),
       "relations.limit /requires/0/bind: 17 bindings, at most 16"},
      {absl::StrCat(R"({"provides": [)", Times(33, "{}"), "]}"),
       "relations.limit /provides: 33 provides, at most 32"},
      {absl::StrCat(R"({"outputs": {)", Numbered(33, "\"out", "\": 1"), "}}"),
       "relations.limit /outputs: 33 outputs, at most 32"},
      {absl::StrCat(R"({"outputs": {"out": {"type": "string", "value": [)",
                    Times(17, "\"a\""), "]}}}"),
       "relations.limit /outputs/out/value: 17 parts, at most 16"},
      {R"({"outputs": {"out": {"type": "string", "value": []}}})",
       "relations.limit /outputs/out/value: 0 parts, at least 1"},
      {R"({"outputs": {"out": {"type": "integer", "value": ["1", "2"]}}})",
       "relations.limit /outputs/out/value: 2 parts, at most 1"},
      {absl::StrCat(R"({"features": {)", Numbered(17, "\"feat", "\": {}"),
                    "}}"),
       "relations.limit /features: 17 features, at most 16"},
      {absl::StrCat(R"({"features": {"fast": {"requires": [)",
                    Times(17, R"({"package": "zk"})"), "]}}}"),
       "relations.limit /features/fast/requires: 17 requirements, at most 16"},
      {absl::StrCat(R"({"conflicts": [)", Times(65, "{}"), "]}"),
       "relations.limit /conflicts: 65 targets, at most 64"},
      {absl::StrCat(R"({"bounds": [)", Times(65, "{}"), "]}"),
       "relations.limit /bounds: 65 targets, at most 64"},
      {absl::StrCat(R"({"claims": [)", Times(33, "\"a:b\""), "]}"),
       "relations.limit /claims: 33 claims, at most 32"},
      {absl::StrCat(R"({"platform": {)", Numbered(17, "\"@label:", "\": \"*\""),
                    "}}"),
       "relations.limit /platform: 17 facts, at most 16"},
      {absl::StrCat(R"({"requires": [{"package": "zk", "note": ")",
                    std::string(201, 'x'), "\"}]}"),
       "relations.limit /requires/0/note: 201 bytes, at most 200"},
      {R"({"requires": [{"package": "zk", "bind": [
           {"output": "out", "option": "/a", "join": "123456789"}]}]})",
       "relations.limit /requires/0/bind/0/join: 9 bytes, at most 8"},
      {absl::StrCat(R"({"claims": [{"kind": "vip", "option": "/)",
                    std::string(256, 'x'), "\"}]}"),
       "relations.limit /claims/0/option: 257 bytes, at most 256"},
      {absl::StrCat(R"({"features": {"fast": {"options": {)",
                    Numbered(17, "\"/a", "\": 1"), "}}}}"),
       "relations.limit /features/fast/options: 17 options, at most 16"},
      {absl::StrCat(R"({"features": {"fast": {"description": ")",
                    std::string(201, 'x'), "\"}}}"),
       "relations.limit /features/fast/description: 201 bytes, at most 200"},
      {absl::StrCat(R"({"claims": ["vip:)", std::string(125, 'x'), "\"]}"),
       "relations.limit /claims/0: 129 bytes, at most 128"},
      {absl::StrCat(R"({"requires": [{"anyOf": [)",
                    Numbered(16, "{\"package\": \"kafka-zookeeper-number-",
                             "\", \"versions\": \">=1.0\"}"),
                    "]}]}"),
       "relations.limit /requires/0: written out it has 531 bytes, at most "
       "512"},
      {absl::StrCat(R"({"requires": [)",
                    Numbered(60, "{\"package\": \"zk", "\"}"),
                    R"(], "features": {"fast": {"requires": [)",
                    Numbered(5, "{\"package\": \"db", "\"}"), "]}}}"),
       "relations.limit /features/fast/requires: 65 requirements, at most 64 "
       "in "
       "all"},
      // relations.name
      {absl::StrCat(R"({"features": {"f)", std::string(64, 'x'), "\": {}}}"),
       "relations.name "
       "/features/"
       "fxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
       "x: "
       "\"fxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" "
       "is not a feature name"},
      {R"({"provides": [{"capability": "sql", "version": {"part": 0}}]})",
       "relations.limit /provides/0/version/part: part 0, 1 to 32"},
      {R"({"provides": [{"capability": "sql", "version": {"part": 33}}]})",
       "relations.limit /provides/0/version/part: part 33, 1 to 32"},
      {R"({"requires": [{"package": "Zk"}]})",
       R"(relations.name /requires/0/package: "Zk" is not a package name)"},
      {R"({"requires": [{"capability": "a_b"}]})",
       R"(relations.name /requires/0/capability: "a_b" is not a capability name)"},
      {R"({"requires": [{"fact": "@nothing"}]})",
       R"(relations.name /requires/0/fact: "@nothing" is not a fact name)"},
      {R"({"platform": {"@feature:magic": "*"}})",
       R"(relations.name /platform/@feature:magic: "@feature:magic" is not a fact name)"},
      {R"({"outputs": {"-a": {"type": "string", "value": ["x"]}}})",
       R"(relations.name /outputs/-a: "-a" is not a output name)"},
      {R"({"features": {"x": {}}})",
       R"(relations.name /features/x: "x" is not a feature name)"},
      {R"({"claims": ["port"]})",
       R"(relations.name /claims/0: "port" is not a claim name)"},
      {R"({"claims": [{"kind": "vip", "option": "a"}]})",
       R"(relations.name /claims/0/option: "a" is not a pointer name)"},
      {R"({"claims": [{"kind": "vip", "option": "/a~2"}]})",
       R"(relations.name /claims/0/option: "/a~2" is not a pointer name)"},
      {R"({"provides": [{"capability": "sql", "version": "1 0"}]})",
       R"(relations.name /provides/0/version: "1 0" is not a label name)"},
      {R"({"outputs": {"out": {"type": "text", "value": ["x"]}}})",
       R"(relations.name /outputs/out/type: "text" is not a type name)"},
      // relations.range
      {R"({"requires": [{"package": "zk", "versions": ">= 1.0"}]})",
       R"(relations.range /requires/0/versions: cannot read range ">= 1.0" at ">= 1.0")"},
      {R"({"platform": {"@dcos": "1.0 - 2.0"}})",
       R"(relations.range /platform/@dcos: cannot read range "1.0 - 2.0" at "- 2.0")"},
      // relations.target
      {R"({"requires": [{}]})",
       "relations.target /requires/0: give exactly one of package, capability, "
       "fact"},
      {R"({"requires": [{"package": "zk", "fact": "@dcos"}]})",
       "relations.target /requires/0: give exactly one of package, capability, "
       "fact"},
      {R"({"conflicts": [{"versions": "1"}]})",
       "relations.target /conflicts/0: give exactly one of package, "
       "capability"},
      {R"({"requires": [{"anyOf": []}]})",
       "relations.target /requires/0/anyOf: give at least one alternative"},
      {R"({"requires": [{"anyOf": [{"package": "zk"}], "package": "zk"}]})",
       "relations.target /requires/0/package: package is not allowed with "
       "anyOf"},
      {R"({"requires": [{"capability": "sql", "features": ["fast"]}]})",
       "relations.target /requires/0/features: features is not allowed with "
       "capability"},
      {R"({"requires": [{"fact": "@dcos", "own": true}]})",
       "relations.target /requires/0/own: own is not allowed with fact"},
      {R"({"requires": [{"fact": "@dcos", "bind": []}]})",
       "relations.target /requires/0/bind: bind is not allowed with fact"},
      {R"({"requires": [{"package": "zk", "when": [{"option": "/a"}]}]})",
       "relations.target /requires/0/when/0: give exactly one of equals, "
       "notEquals, set"},
      // relations.self
      {R"({"requires": [{"package": "kafka"}]})",
       "relations.self /requires/0: kafka requires itself"},
      {R"({"bounds": [{"package": "kafka"}]})",
       "relations.self /bounds/0: kafka requires itself"},
      // relations.duplicate
      {R"({"requires": [{"package": "zk"}, {"package": "zk", "note": "n"}]})",
       "relations.duplicate /requires/1: same as /requires/0"},
      {R"({"claims": ["vip:1", "vip:2", "vip:1"]})",
       "relations.duplicate /claims/2: same as /claims/0"},
      // relations.output
      {R"({"provides": [{"capability": "sql", "outputs": ["host"]}]})",
       R"(relations.output /provides/0/outputs/0: no output "host")"},
      {R"({"outputs": {"out": {"type": "string",
           "value": [{"service": "host"}]}}})",
       R"(relations.output /outputs/out/value/0/service: no service member "host")"},
      {R"({"outputs": {"out": {"type": "string",
           "value": [{"address": "api", "part": "scheme"}]}}})",
       R"(relations.output /outputs/out/value/0/part: no address part "scheme")"},
      // relations.type
      {R"({"outputs": {"out": {"type": "boolean", "value": ["maybe"]}}})",
       R"(relations.type /outputs/out/value: "maybe" is no boolean)"},
      {R"({"outputs": {"out": {"type": "integer", "value": ["http"]}}})",
       R"(relations.type /outputs/out/value: "http" is no integer)"},
      {R"({"outputs": {"out": {"type": "integer", "value": ["1.5"]}}})",
       R"(relations.type /outputs/out/value: "1.5" is no integer)"},
      {R"({"outputs": {"out": {"type": "number", "value": [
           {"service": "id"}]}}})",
       R"(relations.type /outputs/out/value: {"service":"id"} is no number)"},
      {R"({"outputs": {"out": {"type": "integer", "value": [
           {"address": "http"}]}}})",
       R"(relations.type /outputs/out/value: {"address":"http"} is no integer)"},
      {R"({"outputs": {"out": {"type": "integer", "value": ["7"]},
           "port": {"type": "integer", "value": [
               {"address": "http", "part": "port"}]},
           "on": {"type": "boolean", "value": ["true"]},
           "half": {"type": "number", "value": ["0.5"]}}})",
       ""},
      // relations.selector
      {R"({"releases": "*"})",
       "relations.selector /releases: only overlay files select releases"},
  };
  for (const auto& row : kRows) EXPECT_EQ(Faults(row.file), row.fault);
  EXPECT_EQ(Faults(R"({"releases": "release<1200"})", /*in_overlay=*/true),
            "relations.selector /releases: does not select release 1200");
  EXPECT_EQ(Faults("{").substr(0, 27), "relations.syntax : not JSON");
  EXPECT_EQ(Faults("\xef\xbb\xbf{}").substr(0, 27),
            "relations.syntax : not JSON");
}

TEST(RelationsDocumentTest, NestingIsLimited) {
  const std::string deep = absl::StrCat(
      R"({"requires": )", std::string(16, '['), std::string(16, ']'), "}");
  EXPECT_EQ(Faults(deep).substr(0, 27), "relations.syntax : not JSON");
}

TEST(RelationsDocumentTest, HundredThousandAlternativesAreOneFault) {
  EXPECT_EQ(Faults(absl::StrCat(R"({"requires": [{"anyOf": [)",
                                Times(100'000, "{}"), "]}]}")),
            "relations.limit /requires/0/anyOf: 100000 alternatives, at most "
            "16");
}

TEST(RelationsDocumentTest, FaultsKnowTheirLine) {
  const ParsedRelations parsed =
      ParseRelations("{\n \"requires\": [\n  {}\n ]\n}", Place());
  ASSERT_EQ(parsed.faults.size(), 1u);
  EXPECT_EQ(parsed.faults[0].line, 3);
}

TEST(RelationsDocumentTest, AllFaultsOfAFileAreReported) {
  EXPECT_EQ(Faults(R"({"singleton": 1, "requires": [{"package": "Z"}]})"),
            "relations.syntax /singleton: expected a boolean, found a number\n"
            R"(relations.name /requires/0/package: "Z" is not a package name)");
}

TEST(RelationsDocumentTest, OutputsOfPortsAreLate) {
  const auto parsed = ParseRelations(R"({"outputs": {
    "static": {"type": "string", "value": ["x", {"option": "/a"}]},
    "late": {"type": "string", "value": ["http://", {"address": "api"}]}}})",
                                     Place());
  ASSERT_TRUE(parsed.faults.empty());
  EXPECT_FALSE(parsed.document.outputs.at("static").is_late());
  EXPECT_TRUE(parsed.document.outputs.at("late").is_late());
}

TEST(RelationsDocumentTest, MentionsNameWhatIsNeededAndProvided) {
  const auto parsed = ParseRelations(
      R"({"requires": [{"anyOf": [{"package": "zk"}, {"fact": "@dcos"}],
            "when": [{"capability": "sql"}]}],
          "provides": [{"capability": "queue"}],
          "platform": {"@edition": "open"}, "conflicts": [{"package": "no"}]})",
      Place());
  EXPECT_EQ(RelationMentions(parsed.document.relations),
            std::vector<std::string>({"needs @dcos", "needs @edition",
                                      "needs cap:sql", "needs zk",
                                      "provides queue"}));
}

}  // namespace
}  // namespace orrery::registry
